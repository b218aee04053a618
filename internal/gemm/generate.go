package gemm

//go:generate go -C _gen run . -out ../micro_amd64.s -stubs ../micro_amd64.go -pkg gemm
