// Checks what the gateway says in Gateway-Assertion, as verify.py does; standard library only.
//
//	go run verify.go KEYS.json ISSUER OUR-CODE     one assertion a line in, its claims or "refused" a line out
package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"strings"
	"time"
)

type keySet struct {
	Keys []struct{ Kid, X, Y string }
}

func raw(text string) []byte { out, _ := base64.RawURLEncoding.DecodeString(text); return out }

func checked(text string, keys keySet, issuer, ownCode string) (string, bool) {
	part := strings.Split(text, ".")
	if len(part) != 3 {
		return "", false
	}
	var head struct{ Alg, Kid, Typ string }
	var said struct {
		Iss, Aud string
		Iat, Exp int64
	}
	sign, now := raw(part[2]), time.Now().Unix()
	if json.Unmarshal(raw(part[0]), &head) != nil || json.Unmarshal(raw(part[1]), &said) != nil || len(sign) != 64 ||
		head.Alg != "ES256" || head.Typ != "gateway-assertion+jwt" || said.Iss != issuer || said.Aud != ownCode ||
		said.Exp < now-30 || said.Iat > now+30 {
		return "", false
	}
	digest := sha256.Sum256([]byte(part[0] + "." + part[1]))
	for _, key := range keys.Keys {
		point := &ecdsa.PublicKey{Curve: elliptic.P256(), X: new(big.Int).SetBytes(raw(key.X)), Y: new(big.Int).SetBytes(raw(key.Y))}
		if key.Kid == head.Kid && ecdsa.Verify(point, digest[:], new(big.Int).SetBytes(sign[:32]), new(big.Int).SetBytes(sign[32:])) {
			return string(raw(part[1])), true
		}
	}
	return "", false
}

func main() {
	var keys keySet
	file, err := os.ReadFile(os.Args[1])
	if err != nil || json.Unmarshal(file, &keys) != nil {
		panic("no key set")
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		if claims, good := checked(strings.TrimSpace(lines.Text()), keys, os.Args[2], os.Args[3]); good {
			fmt.Println(claims)
		} else {
			fmt.Println("refused")
		}
	}
}
