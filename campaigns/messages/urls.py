from django.urls import path

from .views import logo

app_name = "brand"
urlpatterns = [path("<int:brand_id>/logo", logo.show, name="logo")]
