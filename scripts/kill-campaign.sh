#!/bin/sh
# kill-campaign.sh [ROUNDS]: kills `tenantry apply` at random moments, and `terraform apply` too where
# a terraform is on the PATH, and prints side by side what was lost. Needs build/release/tenantry, or
# the program that TENANTRY_BINARY names. SEED=N draws other moments.
set -eu
cd "$(dirname "$0")/../tests/crash"
terraform=$(command -v terraform || true)
if [ -z "$terraform" ]; then
  echo "no terraform on the PATH: tenantry alone" >&2
fi
exec python3 -B campaign.py --rounds "${1:-20}" --seed "${SEED:-1}" \
  ${terraform:+--terraform "$terraform"}
