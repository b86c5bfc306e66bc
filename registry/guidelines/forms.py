"""What is asked of those who sign guidelines."""

from wtforms import BooleanField
from wtforms.validators import InputRequired

from registry.fields import Form, hidden_field


class SignForm(Form):
    """One tick, for the version that was read."""

    version = hidden_field()
    agreed = BooleanField(validators=[InputRequired("Tick the box to say that you agree.")])
