"""The agents: state, healthcare regions, regions, municipalities, providers, staff and people."""
