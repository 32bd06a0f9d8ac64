"""The pages of a campaign in the admin: plan it, look at it, start it, watch it."""
