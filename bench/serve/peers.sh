#!/usr/bin/env bash
# Requests a second and latency of orchid serve at 1, 8 and 64 clients, beside PyTorch
# (Hugging Face transformers) and ONNX Runtime with a BERT of the same width, depth and
# length behind a plain HTTP server, which computes waiting requests together as ours does.
# All weights are random: they do not change the time. One server runs at a time. p99 wants
# more than 100 requests.
#
# usage: bench/serve/peers.sh
# Set WIDTH, DEPTH, WORDS="12 2000", CLIENTS="1 8 64", SECONDS_EACH=20, SERVERS="orchid onnx
# torch" or CORES=0,1 to change what is measured; LOAD_CORES is where the load tool runs.
# Wants BERT's vocabulary in ../shared/data/bert-base-uncased or VOCAB=vocab.txt, python3, and
# Debian's hey, which it installs; PyTorch and ONNX Runtime go to ~/.cache/orchid.
set -euo pipefail
cd "$(dirname "$0")/../.."
width=${WIDTH:-256} depth=${DEPTH:-4} seconds=${SECONDS_EACH:-20} cores=${CORES:-0,1}
vocab=${VOCAB:-../shared/data/bert-base-uncased/vocab.txt}
longest=4096
servers=${SERVERS:-orchid onnx torch}

command -v hey >/dev/null || apt-get install -y -qq hey
case $servers in *onnx* | *torch*)
	source bench/peers/venv.sh
	onnx=${ORCHID_ONNX:-$HOME/.cache/orchid/onnx}
	# Beside the environment that other comparisons share, so that theirs stays as it is.
	[ -d "$onnx" ] || "$venv/bin/pip" install --quiet --no-deps --target "$onnx" onnxruntime onnx onnxscript onnx-ir flatbuffers protobuf ml-dtypes packaging
	;;
esac

out=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill $server 2>/dev/null || true; rm -rf "$out"' EXIT
go build -o "$out/orchid" ./cmd/orchid
case $servers in *orchid*)
	for _ in $(seq 60); do printf 'the river carried old letters past small houses while children watched\n\n'; done >"$out/text.txt"
	"$out/orchid" train mlm data="$out/text.txt" tokenizer="$vocab" document=paragraph length=16 holdout=0.2 batch=2 steps=1 \
		width="$width" depth="$depth" max-length=$longest --out "$out/orchid-model" -q
	;;
esac

words=(the river carried old letters past small houses while children watched from open windows and birds turned over dark fields)
body() { # a request with a text of so many words, each one token
	printf '{"input": "'
	for ((i = 0; i < $1; i++)); do printf '%s ' "${words[$(((i * 7 + i / 20) % 20))]}"; done
	printf '", "encoding_format": "base64"}'
}

printf '%-8s %6s %8s %12s %10s %10s %8s\n' server words clients requests/s p50_ms p99_ms failed
for name in $servers; do
	case $name in
	orchid) taskset -c "$cores" "$out/orchid" serve "$out/orchid-model" --listen 127.0.0.1:6467 --log none -q & ;;
	*) PYTHONPATH=$onnx taskset -c "$cores" "$venv/bin/python" bench/serve/peer.py --engine "$name" --vocab "$vocab" --width "$width" --depth "$depth" --longest $longest --port 6467 & ;;
	esac
	server=$!
	until curl -sf http://127.0.0.1:6467/health >/dev/null; do
		kill -0 $server
		sleep 0.5
	done
	for n in ${WORDS:-12 2000}; do
		body "$n" >"$out/body.json"
		for clients in ${CLIENTS:-1 8 64}; do
			load=(taskset -c "${LOAD_CORES:-$cores}" hey -m POST -T application/json -D "$out/body.json" -t 0 -c "$clients")
			"${load[@]}" -n $((clients * 2)) http://127.0.0.1:6467/v1/embeddings >/dev/null # so that it is warm
			"${load[@]}" -z "${seconds}s" http://127.0.0.1:6467/v1/embeddings >"$out/hey"
			awk -v name="$name" -v n="$n" -v clients="$clients" '
				/Requests\/sec:/ { rate = $2 }
				/50% in/ { p50 = 1000 * $3 }
				/99% in/ { p99 = 1000 * $3 }
				/\[[0-9]+\].*responses/ && $1 != "[200]" { failed += $2 }
				/^  \[[0-9]+\]/ && !/responses/ { failed += substr($1, 2) }
				END { printf "%-8s %6d %8d %12.1f %10.2f %10s %8d\n", name, n, clients, rate, p50, p99 ? sprintf("%.2f", p99) : "-", failed }' "$out/hey"
		done
	done
	kill $server
	wait $server 2>/dev/null || true
done
