package blas

//go:generate go run -C gen . -kernel gemm -out ../gemm_amd64.s -stubs ../gemm_amd64.go -pkg blas
//go:generate go run -C gen . -kernel dots -out ../dots_amd64.s -stubs ../dots_amd64.go -pkg blas
//go:generate go run -C gen . -kernel transpose -out ../transpose_amd64.s -stubs ../transpose_amd64.go -pkg blas
//go:generate go run -C gen . -kernel convert -out ../convert_amd64.s -stubs ../convert_amd64.go -pkg blas
