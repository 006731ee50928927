"""The client of the Registraduría: browser, captchas, parsers, and the gate that spaces visits."""
