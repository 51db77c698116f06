// What containers/image makes of files with credentials and certificates, and golang.org/x/net of proxies: a question a line in, an
// answer a line out. Only public functions are used. With -materials, prints certificates and keys to make questions of.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/sirupsen/logrus"
)

type question struct {
	Kind string `json:"kind"` // "credentials", "certificates", "places", "proxy", "transport", "roots"
	// The whole environment of the question.
	Environment map[string]string `json:"environment"`
	// Of credentials.
	Reference  string `json:"reference"`
	AuthFile   string `json:"authFile"`
	Registries string `json:"registries"`
	// How often it is asked: where several entries fit, the reference takes any one.
	Times int `json:"times"`
	// Of certificates.
	Directory string `json:"directory"`
	UserID    int    `json:"userId"`
	// Of a proxy.
	URL string `json:"url"`
}

type answer struct {
	Error string `json:"error,omitempty"`
	// Of credentials: all that came of asking several times, where the reference takes any one of several entries.
	Credentials []credential `json:"credentials,omitempty"`
	// Of certificates: what each is, in order.
	CA     []string `json:"ca,omitempty"`
	Client []client `json:"client,omitempty"`
	Places []string `json:"places,omitempty"`
	Proxy  *proxy   `json:"proxy,omitempty"`
}

func main() {
	logrus.SetOutput(io.Discard)
	if len(os.Args) > 1 && os.Args[1] == "-materials" {
		check(json.NewEncoder(os.Stdout).Encode(materials()))
		return
	}
	// What helpers say on their standard error goes there.
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	check(err)
	own := os.Stderr
	os.Stderr = null
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	for lines.Scan() {
		var q question
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			fmt.Fprintln(own, err)
			os.Exit(1)
		}
		os.Clearenv()
		for name, value := range q.Environment {
			check(os.Setenv(name, value))
		}
		check(encoder.Encode(answerTo(q)))
	}
	check(lines.Err())
}

func answerTo(q question) answer {
	switch q.Kind {
	case "credentials":
		return credentialsOf(q)
	case "certificates":
		return certificatesOf(q)
	case "places":
		return placesOf(q)
	case "transport":
		return transportProxyOf(q)
	case "roots":
		return rootsOf()
	default:
		return proxyOf(q)
	}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
