"""Where the organisation is: which platforms it uses and why, which it tries out, and which somebody asks for."""
