module sealcheck.example/conformance/generate

go 1.26

require (
	github.com/ProtonMail/go-crypto v1.5.2
	github.com/cloudflare/circl v1.6.3
	github.com/cyberphone/json-canonicalization v0.0.0-20241213102144-19d51d7fe467
	github.com/dsnet/compress v0.0.1
	golang.org/x/crypto v0.54.0
)

require golang.org/x/sys v0.47.0 // indirect
