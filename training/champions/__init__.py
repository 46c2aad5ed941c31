"""From challenger to champion and back: gate, promotion, ledger and exports in step."""
