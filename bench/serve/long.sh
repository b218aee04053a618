#!/bin/sh
# Documents of 100,000 and of 1,000,000 tokens over HTTP: seconds, memory, and what short
# requests wait alone and meanwhile.
# usage: bench/serve/long.sh [flags of bench/serve/long]
# Set WIDTH, DEPTH or TOKENS="100000 1000000" to change what is measured. Wants BERT's
# vocabulary in ../shared/data/bert-base-uncased or VOCAB=vocab.txt.
set -eu
cd "$(dirname "$0")/../.."
vocab=${VOCAB:-../shared/data/bert-base-uncased/vocab.txt}
out=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill $server 2>/dev/null || true; rm -rf "$out"' EXIT
go build -o "$out/orchid" ./cmd/orchid
go build -o "$out/long" ./bench/serve/long
for _ in $(seq 60); do printf 'the river carried old letters past small houses while children watched\n\n'; done >"$out/text.txt"
"$out/orchid" train mlm data="$out/text.txt" tokenizer="$vocab" document=paragraph length=16 holdout=0.2 batch=2 steps=1 \
	width="${WIDTH:-128}" depth="${DEPTH:-4}" max-length=1048576 positions=none filter-positions=relative --out "$out/model" -q
for n in ${TOKENS:-100000 1000000}; do
	"$out/orchid" serve "$out/model" --listen 127.0.0.1:6468 --log none -q --max-tokens 1048576 --time-limit 30m &
	server=$!
	until curl -sf http://127.0.0.1:6468/health >/dev/null; do
		kill -0 $server
		sleep 0.2
	done
	"$out/long" --url http://127.0.0.1:6468 --pid $server --tokens "$n" "$@"
	kill $server
	wait $server || true
	echo
done
