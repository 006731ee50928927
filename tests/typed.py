"""An invented person's form input; imports no Django."""

PASSWORD = "una-clave-larga-7"

REGISTRATION = {
    "cedula": "52.345.678",
    "nombre_completo": "Luz Dary Cano Mejía",
    "phone": "+57 300 123 4567",
    "password1": PASSWORD,
    "password2": PASSWORD,
    "data_policy_accepted": "on",
}
"""A valid registration form of a new person."""
