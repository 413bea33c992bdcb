#!/bin/bash
# conformance_test.sh PORT_CONFORMANCE OBJECT LEVEL: one level of one port (properties/defs.bzl).
exec "$@"
