package vec

func deinterleaveGeneric(even, odd, x []float32) {
	odd, x = odd[:len(even)], x[:2*len(even)]
	for i := range even {
		even[i], odd[i] = x[2*i], x[2*i+1]
	}
}

func interleaveGeneric(x, even, odd []float32) {
	odd, x = odd[:len(even)], x[:2*len(even)]
	for i, v := range even {
		x[2*i], x[2*i+1] = v, odd[i]
	}
}
