// The reference's image proxy with nothing around it: what run.sh makes of container-libs' common/pkg/json-proxy.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"go.podman.io/image/v5/signature"
	"go.podman.io/image/v5/types"
	"reference/jsonproxy"
)

func main() {
	socket := flag.Int("sockfd", 0, "the descriptor of the socket")
	policyPath := flag.String("policy", "", "path of policy.json")
	architecture := flag.String("override-arch", "", "which image of an index")
	flag.Parse()
	manager, err := jsonproxy.NewManager(
		jsonproxy.WithSystemContext(func() (*types.SystemContext, error) {
			return &types.SystemContext{ArchitectureChoice: *architecture}, nil
		}),
		jsonproxy.WithPolicyContext(func() (*signature.PolicyContext, error) {
			policy, err := signature.NewPolicyFromFile(*policyPath)
			if err != nil {
				return nil, err
			}
			return signature.NewPolicyContext(policy)
		}),
	)
	if err == nil {
		defer manager.Close()
		err = manager.Serve(context.Background(), *socket)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
