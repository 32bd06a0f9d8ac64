import os

from django.core.wsgi import get_wsgi_application

from .safety import refuse_demo_secrets

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onboarding.settings")

application = get_wsgi_application()
refuse_demo_secrets()
