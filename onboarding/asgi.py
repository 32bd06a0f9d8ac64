import os

from django.core.asgi import get_asgi_application

from .safety import refuse_unsafe

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onboarding.settings")

application = get_asgi_application()
refuse_unsafe()
