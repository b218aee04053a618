#!/bin/sh
# 10,000 malformed requests against a server that reads for at most a second.
# usage: bench/serve/abuse.sh DIR [flags of bench/serve/abuse]
# DIR is a model folder; BERT's vocabulary and any size will do.
set -eu
dir=${1:?usage: bench/serve/abuse.sh DIR}
shift
cd "$(dirname "$0")/../.."
here=$OLDPWD
case $dir in /*) ;; *) dir=$here/$dir ;; esac
out=$(mktemp -d)
go build -o "$out/orchid" ./cmd/orchid
go build -o "$out/abuse" ./bench/serve/abuse
"$out/orchid" serve "$dir" --listen 127.0.0.1:6465 --read-limit 1s --log json 2>"$out/log" &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$out"' EXIT
until curl -sf http://127.0.0.1:6465/health >/dev/null; do
	kill -0 $server
	sleep 0.2
done
"$out/abuse" --url http://127.0.0.1:6465 --model "$(basename "$dir")" "$@"
echo "errors in the log: $(grep -c '"level":"ERROR"' "$out/log" || true)"
