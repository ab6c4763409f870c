"""How code gets here: sources, and the deploys that are made of them."""
