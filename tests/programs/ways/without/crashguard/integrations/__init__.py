"""The same names as crashguard.integrations, and nothing behind them."""
