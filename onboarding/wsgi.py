import os

from django.core.wsgi import get_wsgi_application

from .safety import refuse_unsafe

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onboarding.settings")

application = get_wsgi_application()
refuse_unsafe()
