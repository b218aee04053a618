package serve

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/orchid-seq/orchid"
)

// A vector is written as a list of numbers, or as the base64 of its bytes: float32,
// little-endian. Both give the same bits back.
type vector struct {
	numbers []float32
	base64  bool
}

// MarshalJSON implements json.Marshaler.
func (v vector) MarshalJSON() ([]byte, error) {
	if !v.base64 {
		return json.Marshal(v.numbers)
	}
	raw := littleEndian(make([]byte, 0, 4*len(v.numbers)), v.numbers)
	b := make([]byte, 0, base64.StdEncoding.EncodedLen(len(raw))+2)
	b = append(b, '"')
	b = base64.StdEncoding.AppendEncode(b, raw)
	return append(b, '"'), nil
}

func littleEndian(dst []byte, numbers []float32) []byte {
	for _, v := range numbers {
		dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(v))
	}
	return dst
}

// truncatedHeader says, in answers that have no place for it, how many tokens of which
// text were cut: 1=194 for 194 tokens of the second text.
const truncatedHeader = "X-Truncated-Tokens"

// tellCut sets truncatedHeader if anything was cut; of many texts it has the first.
func tellCut(w http.ResponseWriter, n int, usage func(i int) orchid.Usage) {
	const most = 4096 // bytes of a header that every client takes
	var b strings.Builder
	for i := range n {
		if cut := usage(i).Cut; cut > 0 {
			if b.Len() > most {
				b.WriteString(", ...")
				break
			}
			if b.Len() > 0 {
				b.WriteString(", ")
			}
			b.WriteString(strconv.Itoa(i) + "=" + strconv.Itoa(cut))
		}
	}
	if b.Len() > 0 {
		w.Header().Set(truncatedHeader, b.String())
	}
}
