"""What holds sending back: limits, a provider's refusal, and thresholds."""
