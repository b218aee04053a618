package main

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode/utf16"
)

// How a request is sent.
type how int

const (
	plainly how = iota
	slowly
	halfClosing
	resetting
)

// A kind of malformed request.
type kind struct {
	name string
	how  how
	make func(r *rand.Rand) string
}

var kinds = []kind{
	{"changed body", plainly, func(r *rand.Rand) string { return post(route(r), changed(r, body(r)), nil) }},
	{"random body", plainly, func(r *rand.Rand) string { return post(route(r), noise(r, 400), nil) }},
	{"odd values", plainly, func(r *rand.Rand) string { return post(route(r), odd(r), nil) }},
	{"other encoding", plainly, encoded},
	{"wrong length", halfClosing, func(r *rand.Rand) string {
		return head(route(r), fmt.Sprintf("Content-Length: %d\r\n", r.IntN(1<<uint(r.IntN(40))))) + body(r)
	}},
	{"bad framing", halfClosing, framed},
	{"odd headers", plainly, headers},
	{"odd request line", plainly, line},
	{"binary tensor", plainly, tensor},
	{"noise", halfClosing, func(r *rand.Rand) string { return noise(r, 600) }},
	{"another protocol", halfClosing, protocols},
	{"half closed", halfClosing, func(r *rand.Rand) string { return post(route(r), body(r), nil) }},
	{"cut short", halfClosing, func(r *rand.Rand) string {
		text := post(route(r), body(r), nil)
		return text[:r.IntN(len(text))]
	}},
	{"slow", slowly, func(r *rand.Rand) string { return post(route(r), body(r), nil) }},
	{"slow body", plainly, func(r *rand.Rand) string { return head(route(r), "Content-Length: 1000\r\n") + `{"input` }},
	{"reset", resetting, func(r *rand.Rand) string { return post(route(r), body(r), nil) }},
}

func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

func route(r *rand.Rand) string {
	return pick(r, "/v1/embeddings", "/v1/classify", "/v1/fill-mask", "/v1/kernels", "/embed", "/embed_all", "/predict", "/tokenize", "/decode", "/v2/models/"+*model+"/infer")
}

// body is one that some route takes.
func body(r *rand.Rand) string {
	return strings.ReplaceAll(pick(r,
		`{"model": "M", "input": ["a fine film", "so dull"], "encoding_format": "base64", "dimensions": 4}`,
		`{"model": "M", "input": [[5, 6, 7], [8]], "truncate": true, "chunk": 2}`,
		`{"model": "M", "input": "the [MASK] sat", "top": 3}`,
		`{"model": "M", "inputs": "a fine film", "normalize": false, "truncate": true}`,
		`{"model": "M", "inputs": [["a fine film"], ["so", "dull"]]}`,
		`{"model": "M", "ids": [[5, 6], [7]], "skip_special_tokens": true}`,
		`{"inputs": [{"name": "text", "shape": [2], "datatype": "BYTES", "data": ["a", "b"]}], "parameters": {"truncate": true}}`,
	), `"M"`, fmt.Sprintf("%q", *model))
}

func head(path, more string) string {
	return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n" + more + "\r\n"
}

func post(path, body string, more []string) string {
	return head(path, fmt.Sprintf("Content-Length: %d\r\n%s", len(body), strings.Join(more, ""))) + body
}

func noise(r *rand.Rand, most int) string {
	b := make([]byte, r.IntN(most))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return string(b)
}

// changed takes out, doubles or replaces some bytes.
func changed(r *rand.Rand, text string) string {
	b := []byte(text)
	for range 1 + r.IntN(4) {
		i := r.IntN(len(b))
		j := min(len(b), i+1+r.IntN(8))
		switch r.IntN(4) {
		case 0:
			b = append(b[:i], b[j:]...)
		case 1:
			b = append(b[:j:j], b[i:]...)
		case 2:
			b[i] = byte(r.Uint32())
		default:
			b[i] = pick(r, []byte(`{}[]",:0-e\`)...)
		}
		if len(b) == 0 {
			return ""
		}
	}
	return string(b)
}

// odd has valid JSON with values that nobody wants.
func odd(r *rand.Rand) string {
	value := pick(r, `null`, `-1`, `1e999`, `99999999999999999999`, `0.5`, `true`, `{}`, `[]`, `[[]]`, `[null]`, `""`, `"\ud800"`, `"\u0000"`,
		strings.Repeat("[", 20000)+strings.Repeat("]", 20000), strings.Repeat(`{"a":`, 12000)+"1"+strings.Repeat("}", 12000),
		`["`+strings.Repeat(`a","`, 5000)+`"]`, `[`+strings.Repeat(`[5],`, 3000)+`[5]]`, `[`+strings.Repeat(`5,`, 300000)+`5]`, `"`+strings.Repeat("so dull ", 50000)+`"`)
	field := pick(r, "input", "inputs", "ids", "model", "dimensions", "top", "chunk", "truncate", "pooling", "parameters", "outputs", "block", "channels", "nonsense")
	text := body(r)
	return text[:len(text)-1] + fmt.Sprintf(`, %q: %s}`, field, value)
}

func encoded(r *rand.Rand) string {
	text := body(r)
	switch r.IntN(4) {
	case 0:
		var b []byte
		for _, u := range utf16.Encode([]rune(text)) {
			b = binary.LittleEndian.AppendUint16(b, u)
		}
		text = string(b)
	case 1:
		text = "\ufeff" + text
	case 2:
		text = strings.ReplaceAll(text, "a", pick(r, "\xff", "\xc0\xaf", "\xed\xa0\x80"))
	}
	return post(route(r), text, []string{pick(r, "", "Content-Encoding: gzip\r\n", "Content-Encoding: br\r\n", "Content-Type: text/plain\r\n", "Content-Type: application/json; charset=utf-16\r\n", "Content-Type: \x80\r\n")})
}

// framed breaks the rules of chunks and lengths.
func framed(r *rand.Rand) string {
	b := body(r)
	chunk := fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(b), b)
	return pick(r,
		head(route(r), "Transfer-Encoding: chunked\r\n")+"zz\r\n"+b,
		head(route(r), "Transfer-Encoding: chunked\r\n")+"ffffffffffffffff\r\n"+b,
		head(route(r), "Transfer-Encoding: chunked\r\n")+chunk[:r.IntN(len(chunk))],
		head(route(r), "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")+chunk,
		head(route(r), "Transfer-Encoding: "+pick(r, "gzip", "gzip, chunked", "identity", "\x01")+"\r\n")+chunk,
		head(route(r), "Content-Length: 5\r\nContent-Length: 6\r\n")+b,
		head(route(r), "Content-Length: "+pick(r, "-1", "+5", "0x10", "99999999999999999999", "5, 5", " ")+"\r\n")+b,
		head(route(r), fmt.Sprintf("Expect: %s\r\nContent-Length: %d\r\n", pick(r, "100-continue", "200-ok"), len(b)))+b)
}

func headers(r *rand.Rand) string {
	return post(route(r), body(r), []string{pick(r,
		"X-A: "+strings.Repeat("a", 1<<uint(r.IntN(17)))+"\r\n", strings.Repeat("X-B: b\r\n", r.IntN(3000)), "No colon\r\n", ": no name\r\n", "Bad name: x\r\n", "X-C: a\x00b\r\n", "X-D: a\r\n folded\r\n",
		"Host: y\r\n", "Authorization: Bearer "+strings.ReplaceAll(noise(r, 80), "\n", "")+"\r\n", "X-Request-Id: "+strings.Repeat("\xe9", 90)+"\r\n", "Upgrade: websocket\r\nConnection: Upgrade\r\n",
		"Range: bytes=5-1\r\n", "Origin: null\r\n", "Cookie: "+strings.Repeat("a=b;", 2000)+"\r\n", "Inference-Header-Content-Length: "+pick(r, "-1", "x", "999999999999", "3")+"\r\n")})
}

func line(r *rand.Rand) string {
	return pick(r, "GET", "PUT", "DELETE", "OPTIONS", "CONNECT", "TRACE", "BREW", "get", "", "P\x00ST") + pick(r, " ", "  ", "\t", "") +
		pick(r, route(r), "/", "*", "//", "/../../etc/passwd", "/v1/models/%2e%2e%2f", "/v1/models/%zz", "/v2/models/"+strings.Repeat("a", r.IntN(20000)), "http://other/embed", "/\x00", "/info?model="+strings.Repeat("%41", 3000), "/v1/models/ä") +
		pick(r, " HTTP/1.1", " HTTP/1.0", " HTTP/0.9", " HTTP/9.9", " HTP/1.1", "") + "\r\nHost: localhost\r\nConnection: close\r\n\r\n"
}

func tensor(r *rand.Rand) string {
	tail := pick(r, noise(r, 60), string(binary.LittleEndian.AppendUint32(nil, r.Uint32()))+"abc", strings.Repeat("\x00\x00\x00\x00", r.IntN(5000)))
	text := fmt.Sprintf(`{"inputs": [{"name": "text", "shape": [%d], "datatype": "BYTES", "parameters": {"binary_data_size": %d}}], "parameters": {"binary_data_output": true}}`,
		pick(r, 1, r.IntN(6000), -1, 1<<62), pick(r, len(tail), r.IntN(100), -1))
	return post("/v2/models/"+*model+"/infer", text+tail, []string{fmt.Sprintf("Inference-Header-Content-Length: %d\r\n", pick(r, len(text), r.IntN(300), -5))})
}

func protocols(r *rand.Rand) string {
	return pick(r, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"+noise(r, 200), "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"+noise(r, 500), "SSH-2.0-OpenSSH_9\r\n", "EHLO x\r\n", "\x00\x00\x00\x08\x04\xd2\x16\x2f", "*1\r\n$4\r\nPING\r\n", "\r\n\r\n\r\n")
}
