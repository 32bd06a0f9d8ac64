"""The product's addresses with the stand-in store, as a demonstration has them."""

from django.urls import include, path

from onboarding.urls import urlpatterns as products

urlpatterns = [
    *products,
    path("demo-store/", include("onboarding.demo.urls")),
]
