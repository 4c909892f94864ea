package blas

//go:generate go run -C gen . -kernel gemm -out ../gemm_amd64.s -stubs ../gemm_amd64.go -pkg blas
