# orchid in an image of its own: one static program, no shell, no root.
#
#   docker build -t orchid .
#   docker run --rm -p 127.0.0.1:6464:6464 -v "$PWD/runs:/models:ro" orchid serve text
#
# /models is where model folders stand; "serve text" takes the folder text in it. To
# write into it, as a training does, add --user "$(id -u):$(id -g)".
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o /out/orchid ./cmd/orchid && mkdir /out/models /out/tmp

FROM scratch
COPY --from=build /out/orchid /src/LICENSE /
COPY --from=build --chown=65532:65532 /out/models /models
COPY --from=build --chown=65532:65532 /out/tmp /tmp
USER 65532:65532
WORKDIR /models
VOLUME /models
# What is published by -p reaches the container, not its loopback address.
ENV ORCHID_LISTEN=0.0.0.0:6464 XDG_CACHE_HOME=/models/.cache
EXPOSE 6464
ENTRYPOINT ["/orchid"]
CMD ["help"]
