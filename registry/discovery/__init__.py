"""Finding the accounts that nobody registered: sightings, sweeps of our own pages, texts, and asking the teams."""
