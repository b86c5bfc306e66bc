"""What people are asked for when they sign in."""

from registry.fields import Form, hidden_field, line_field, password_field


class SignOutForm(Form):
    """One of the browsers in which somebody is signed in."""

    sign_in = hidden_field()


class SignInForm(Form):
    """Name and password, as the directory knows them."""

    login = line_field(
        "Username or work email address", need="Enter your username or work email address.",
        autocomplete="username", autocapitalize="none", spellcheck="false",
    )  # fmt: skip
    password = password_field("Password", need="Enter your password.")
    next = hidden_field()
