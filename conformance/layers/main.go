// What containers/image gives of the layers of a stored image: a question a line in, an answer a line out. It opens the store as podman
// would, and may write to it.
package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"

	istorage "go.podman.io/image/v5/storage"
	"go.podman.io/image/v5/types"
	"go.podman.io/storage"
	"go.podman.io/storage/pkg/reexec"
)

type question struct {
	Driver     string   `json:"driver"`
	GraphRoot  string   `json:"graphRoot"`
	RunRoot    string   `json:"runRoot"`
	ImageStore string   `json:"imageStore"`
	Additional []string `json:"additional"`
	Image      string   `json:"image"`
	NoBlobs    bool     `json:"noBlobs"`
}

type layer struct {
	Digest    string `json:"digest"`
	Size      int64  `json:"size"`
	MediaType string `json:"mediaType"`
	// Of what came; "" if nothing did, or not all.
	SHA256 string `json:"sha256"`
	Error  string `json:"error,omitempty"`
}

type answer struct {
	Layers []layer `json:"layers"`
	Error  string  `json:"error,omitempty"`
}

func main() {
	if reexec.Init() {
		return
	}
	lines := bufio.NewScanner(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var q question
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			panic(err)
		}
		layers, err := ask(q)
		a := answer{Layers: layers}
		if err != nil {
			a.Error = err.Error()
		}
		if err := out.Encode(a); err != nil {
			panic(err)
		}
	}
}

func ask(q question) ([]layer, error) {
	ctx := context.Background()
	options := []string{}
	for _, store := range q.Additional {
		options = append(options, q.Driver+".imagestore="+store)
	}
	store, err := storage.GetStore(storage.StoreOptions{
		RunRoot: q.RunRoot, GraphRoot: q.GraphRoot, ImageStore: q.ImageStore, GraphDriverName: q.Driver, GraphDriverOptions: options,
	})
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	defer store.Shutdown(true)
	ref, err := istorage.Transport.ParseStoreReference(store, q.Image)
	if err != nil {
		return nil, err
	}
	src, err := ref.NewImageSource(ctx, &types.SystemContext{})
	if err != nil {
		return nil, err
	}
	defer src.Close()
	infos, err := src.LayerInfosForCopy(ctx, nil)
	if err != nil {
		return nil, err
	}
	layers := []layer{}
	for _, info := range infos {
		l := layer{Digest: info.Digest.String(), Size: info.Size, MediaType: info.MediaType}
		if !q.NoBlobs {
			l.SHA256, err = blob(ctx, src, info)
			if err != nil {
				l.Error = err.Error()
			}
		}
		layers = append(layers, l)
	}
	return layers, nil
}

func blob(ctx context.Context, src types.ImageSource, info types.BlobInfo) (string, error) {
	stream, _, err := src.GetBlob(ctx, info, nil)
	if err != nil {
		return "", err
	}
	defer stream.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, stream); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}
