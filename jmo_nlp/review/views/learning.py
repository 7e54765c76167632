"""To come."""

ROUTES = ()
