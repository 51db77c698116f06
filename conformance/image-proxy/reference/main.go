// The reference's image proxy with nothing around it: what skopeo is made of.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	jsonproxy "go.podman.io/common/pkg/json-proxy"
	"go.podman.io/image/v5/signature"
	"go.podman.io/image/v5/types"
	"go.podman.io/storage/pkg/reexec"
)

func main() {
	// A storage of containers starts this program anew for some of what it does.
	if reexec.Init() {
		return
	}
	socket := flag.Int("sockfd", 0, "the descriptor of the socket")
	policyPath := flag.String("policy", "", "path of policy.json")
	architecture := flag.String("override-arch", "", "which image of an index")
	registriesDirectory := flag.String("registries.d", "", "where signatures in registries are")
	verifyTLS := flag.Bool("tls-verify", true, "false: also HTTP")
	flag.Parse()
	manager, err := jsonproxy.NewManager(
		jsonproxy.WithSystemContext(func() (*types.SystemContext, error) {
			return &types.SystemContext{
				ArchitectureChoice:          *architecture,
				RegistriesDirPath:           *registriesDirectory,
				DockerInsecureSkipTLSVerify: types.NewOptionalBool(!*verifyTLS),
			}, nil
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
