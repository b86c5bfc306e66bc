"""The register for programs: what they may read, with which token, how often."""
