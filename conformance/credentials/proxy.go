package main

import (
	"net/http"
	"net/url"
	"os"

	"go.podman.io/image/v5/pkg/tlsclientconfig"
	"golang.org/x/net/http/httpproxy"
)

type proxy struct {
	// "none", "ignored" (what is set is no URL), "used", "refused".
	Outcome  string `json:"outcome"`
	Scheme   string `json:"scheme,omitempty"`
	Host     string `json:"host,omitempty"`
	Port     string `json:"port,omitempty"`
	Username string `json:"username,omitempty"`
	Password string `json:"password,omitempty"`
}

func proxyOf(q question) answer {
	target, err := url.Parse(q.URL)
	check(err)
	// What net/http of Go 1.26 has of this package looks at the names in capitals first, what is published since at the others: not
	// FromEnvironment, but the order that transportProxyOf is asked about.
	config := &httpproxy.Config{
		HTTPProxy:  first("HTTP_PROXY", "http_proxy"),
		HTTPSProxy: first("HTTPS_PROXY", "https_proxy"),
		NoProxy:    first("NO_PROXY", "no_proxy"),
		CGI:        os.Getenv("REQUEST_METHOD") != "",
	}
	used, err := config.ProxyFunc()(target)
	switch {
	case err != nil:
		return answer{Proxy: &proxy{Outcome: "refused"}}
	case used == nil && isIgnored(config, target):
		return answer{Proxy: &proxy{Outcome: "ignored"}}
	case used == nil:
		return answer{Proxy: &proxy{Outcome: "none"}}
	}
	return answer{Proxy: usedProxy(used)}
}

func usedProxy(used *url.URL) *proxy {
	password, _ := used.User.Password()
	return &proxy{"used", used.Scheme, used.Hostname(), used.Port(), used.User.Username(), password}
}

func first(names ...string) string {
	for _, name := range names {
		if value := os.Getenv(name); value != "" {
			return value
		}
	}
	return ""
}

// What containers/image itself does, once in a process: net/http reads the environment once.
func transportProxyOf(q question) answer {
	target, err := url.Parse(q.URL)
	check(err)
	used, err := tlsclientconfig.NewTransport().Proxy(&http.Request{URL: target})
	switch {
	case err != nil:
		return answer{Proxy: &proxy{Outcome: "refused"}}
	case used == nil:
		return answer{Proxy: &proxy{Outcome: "none"}}
	}
	return answer{Proxy: usedProxy(used)}
}

// Whether there would be a proxy for it if what is set could be read.
func isIgnored(config *httpproxy.Config, target *url.URL) bool {
	written := config.HTTPProxy
	if target.Scheme == "https" {
		written = config.HTTPSProxy
	}
	readable := httpproxy.Config{HTTPProxy: "http://p.example", HTTPSProxy: "http://p.example", NoProxy: config.NoProxy}
	wouldBe, err := readable.ProxyFunc()(target)
	check(err)
	return written != "" && wouldBe != nil
}
