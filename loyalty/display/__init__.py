"""What all server-rendered faces share: icons, figures in the reader's locale, brands, the style page."""
