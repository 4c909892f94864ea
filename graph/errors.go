package graph

import "github.com/quivernet/quivernet/internal/fault"

// OrderError says that an activation cannot be differentiated often enough: the Order that there is not (2 for a Hessian), the Vertex
// where it is asked for, and the activation, Act. Find it with errors.As, as all errors here.
type OrderError = fault.OrderError

// NodeError reports a node that could not be added to the expression graph: the Name of the node, or of the vertex or arrow that it
// would have been, and the Reason, what was refused and by what.
type NodeError = fault.NodeError

// LossError reports a loss that cannot be built or evaluated: its Output, "" where it is the sum of all, and the Reason.
type LossError = fault.LossError

// OptionError reports an option of Compile whose value makes no sense: the Option ("Workers") and the Reason.
type OptionError = fault.OptionError

// DataError reports inputs or targets that do not fit the program: What (`input "x"`, `targets of output "y"`, …) and the Reason.
type DataError = fault.DataError

// RepError reports weights that the program was not compiled for: the Reason, and Err, its cause, where there is one.
type RepError = fault.RepError

// NonFiniteError reports a NaN or an infinity and the first place where it appears: Where (`input "x"`, `weights`, `vertex "h1"`, …),
// its Row and Col there, and its Value. Its method NonFinite says true: a line search takes the point where this happened for a step
// too long.
type NonFiniteError = fault.NonFiniteError

// OpError reports an operation that failed while the program ran: the Owner, a vertex or an arrow, the Node, and Err, what failed.
type OpError = fault.OpError

// UnknownArrowError reports an Arrow without a gradient, with the Known ones that have one.
type UnknownArrowError = fault.UnknownArrowError

// UnknownVertexError reports a Vertex that the quiver does not have, with those that it has, Known.
type UnknownVertexError = fault.UnknownVertexError
