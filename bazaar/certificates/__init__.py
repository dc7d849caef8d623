"""The certificate of an erasure, and how one is found by an address. Neither holds anything about the person."""
