"""The rows that all workers share: whose visit is next, pauses, captchas bought, the balance."""
