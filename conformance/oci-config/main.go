// What containers/image makes of an image's configuration and manifest for a client that knows only OCI: a question a line in, an answer a
// line out. Only its public API is used, as skopeo's image proxy uses it.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/opencontainers/go-digest"
	imgspecv1 "github.com/opencontainers/image-spec/specs-go/v1"
	"go.podman.io/image/v5/directory"
	"go.podman.io/image/v5/docker/reference"
	"go.podman.io/image/v5/image"
	"go.podman.io/image/v5/manifest"
	"go.podman.io/image/v5/types"
)

type question struct {
	Manifest  []byte `json:"manifest"`
	MediaType string `json:"mediaType"`
	Config    []byte `json:"config"`
}

// Each has what the reference gives, or its error.
type answer struct {
	Whole    part  `json:"whole"`
	Inner    part  `json:"inner"`
	Manifest part  `json:"manifest"`
	Layers   infos `json:"layers"`
	// What the manifest calls the configuration; "" if it names none.
	ConfigDigest string `json:"configDigest"`
}

type part struct {
	Bytes []byte `json:"bytes,omitempty"`
	Error string `json:"error,omitempty"`
}

type infos struct {
	Infos []info `json:"infos,omitempty"`
	Error string `json:"error,omitempty"`
}

// Sizes are text: not all of them fit a double.
type info struct {
	Digest    string `json:"digest"`
	Size      string `json:"size"`
	MediaType string `json:"mediaType"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	for lines.Scan() {
		var q question
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if err := encoder.Encode(answerTo(q)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	if err := lines.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func answerTo(q question) answer {
	ctx := context.Background()
	// Of a list, the proxy opens the instance.
	if manifest.MIMETypeIsMultiImage(manifest.NormalizedMIMEType(q.MediaType)) {
		return failed(errors.New("a list"))
	}
	unparsed := image.UnparsedInstance(source{q}, nil)
	img, err := image.FromUnparsedImage(ctx, nil, unparsed)
	if err != nil {
		return failed(err)
	}
	a := answer{Manifest: converted(ctx, img), Layers: infos{Infos: []info{}}, ConfigDigest: string(img.ConfigInfo().Digest)}
	for _, layer := range img.LayerInfos() {
		a.Layers.Infos = append(a.Layers.Infos, info{string(layer.Digest), fmt.Sprint(layer.Size), layer.MediaType})
	}
	config, err := img.OCIConfig(ctx)
	if err != nil {
		a.Whole.Error, a.Inner.Error = short(err), short(err)
		return a
	}
	a.Whole, a.Inner = marshalled(config), marshalled(config.Config)
	return a
}

// As skopeo (cmd/skopeo/proxy.go GetManifest).
func converted(ctx context.Context, img types.Image) part {
	raw, mediaType, err := img.Manifest(ctx)
	if err != nil {
		return part{Error: short(err)}
	}
	switch mediaType {
	case imgspecv1.MediaTypeImageManifest:
		return part{Bytes: raw}
	case manifest.DockerV2Schema2MediaType:
	case manifest.DockerV2Schema1MediaType, manifest.DockerV2Schema1SignedMediaType:
		return part{Error: "unsupported legacy manifest MIME type: " + mediaType}
	default:
		return part{Error: "unsupported manifest MIME type: " + mediaType}
	}
	oci, err := img.UpdatedImage(ctx, types.ManifestUpdateOptions{ManifestMIMEType: imgspecv1.MediaTypeImageManifest})
	if err != nil {
		return part{Error: short(err)}
	}
	serialized, _, err := oci.Manifest(ctx)
	if err != nil {
		return part{Error: short(err)}
	}
	return part{Bytes: serialized}
}

func marshalled(value any) part {
	encoded, err := json.Marshal(value)
	if err != nil {
		return part{Error: short(err)}
	}
	return part{Bytes: encoded}
}

func failed(err error) answer {
	p := part{Error: short(err)}
	return answer{p, p, p, infos{Error: p.Error}, ""}
}

// An image in memory.
type source struct{ question }

func (s source) Reference() types.ImageReference { return ref{} }
func (s source) Close() error                    { return nil }
func (s source) GetManifest(context.Context, *digest.Digest) ([]byte, string, error) {
	return s.Manifest, s.MediaType, nil
}
func (s source) GetBlob(context.Context, types.BlobInfo, types.BlobInfoCache) (io.ReadCloser, int64, error) {
	return io.NopCloser(bytes.NewReader(s.Config)), int64(len(s.Config)), nil
}
func (s source) HasThreadSafeGetBlob() bool                                      { return true }
func (s source) GetSignatures(context.Context, *digest.Digest) ([][]byte, error) { return nil, nil }
func (s source) LayerInfosForCopy(context.Context, *digest.Digest) ([]types.BlobInfo, error) {
	return nil, nil
}

type ref struct{ types.ImageReference }

func (ref) DockerReference() reference.Named { return nil }
func (ref) Transport() types.ImageTransport  { return directory.Transport }

// Errors of the module quote the whole content.
func short(err error) string {
	text := err.Error()
	if len(text) > 200 {
		text = text[len(text)-200:]
	}
	return text
}
