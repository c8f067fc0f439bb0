"""What departments check the gateway's word with."""

from rights import Right, at

CASES = {
    "show_assertion_keys": Right("", at("/.well-known/assertion-keys.json")),
}
