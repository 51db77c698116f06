// What containers/image makes of lists of images and of manifests: a question a line in, an answer a line out. Only its public API
// is used.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"github.com/opencontainers/go-digest"
	"go.podman.io/image/v5/manifest"
	"go.podman.io/image/v5/types"
)

// A platform makes it a question about a list; without one, it is about the blobs of a manifest.
type question struct {
	Content   []byte `json:"content"`
	MediaType string `json:"mediaType"`
	OS        string `json:"os"`
	Arch      string `json:"arch"`
	Variant   string `json:"variant"`
}

type answer struct {
	// "chosen", "none" for the platform, "unusable" if what was chosen has no valid digest; "blobs", "malformed".
	Outcome string `json:"outcome"`
	Digest  string `json:"digest,omitempty"`
	Blobs   []blob `json:"blobs,omitempty"`
	Error   string `json:"error,omitempty"`
}

type blob struct {
	Digest string `json:"digest"`
	Size   int64  `json:"size"`
	URLs   int    `json:"urls"`
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
	if q.OS == "" {
		return blobsOf(q)
	}
	list, err := manifest.ListFromBlob(q.Content, q.MediaType)
	if err != nil {
		return answer{Outcome: "malformed", Error: short(err)}
	}
	chosen, err := list.ChooseInstance(&types.SystemContext{
		OSChoice: q.OS, ArchitectureChoice: q.Arch, VariantChoice: q.Variant,
	})
	if err != nil {
		return answer{Outcome: "none", Error: short(err)}
	}
	if _, err := digest.Parse(string(chosen)); err != nil {
		return answer{Outcome: "unusable", Digest: string(chosen), Error: short(err)}
	}
	return answer{Outcome: "chosen", Digest: string(chosen)}
}

// The blobs that copying the image reads: the configuration, if it names one, wherever else it may be had from, and the layers.
func blobsOf(q question) answer {
	m, err := manifest.FromBlob(q.Content, q.MediaType)
	if err != nil {
		return answer{Outcome: "malformed", Error: short(err)}
	}
	blobs := []blob{}
	if config := m.ConfigInfo(); config.Digest != "" {
		blobs = append(blobs, blob{string(config.Digest), config.Size, 0})
	}
	for _, layer := range m.LayerInfos() {
		blobs = append(blobs, blob{string(layer.Digest), layer.Size, len(layer.URLs)})
	}
	for _, b := range blobs {
		if _, err := digest.Parse(b.Digest); err != nil {
			return answer{Outcome: "unusable", Digest: b.Digest, Error: short(err)}
		}
	}
	return answer{Outcome: "blobs", Blobs: blobs}
}

// Errors of the module quote the whole content.
func short(err error) string {
	text := err.Error()
	if len(text) > 200 {
		text = text[len(text)-200:]
	}
	return text
}
