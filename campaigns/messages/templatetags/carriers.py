"""Names of what carries mail, in pages."""

from django import template

from campaigns.messages import carriers

register = template.Library()
register.filter("carrier", carriers.name)
