package main

import (
	"github.com/orchid-seq/orchid/data/parquet"
	"github.com/orchid-seq/orchid/data/text"
)

// formats are the forms of files that only the command reads.
var formats = text.Formats{".parquet": parquet.Open}
