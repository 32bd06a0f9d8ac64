"""The words that made-up people, companies and places are put together from.

No real person or company: names are drawn at random, every domain ends in
``.example``, which belongs to nobody.
"""

from dataclasses import dataclass

SPANISH_FIRST = (
    "Ainhoa", "Alberto", "Amparo", "Andrés", "Begoña", "Belén", "Carlos", "Carmen",
    "Clara", "Daniel", "Elena", "Emilio", "Esther", "Fernando", "Gabriela", "Gonzalo",
    "Inés", "Íñigo", "Irene", "Javier", "Joaquín", "Jorge", "Lorena", "Lucía",
    "Manuel", "Marcos", "María José", "Marta", "Mercedes", "Miguel Ángel", "Montse",
    "Nuria", "Óscar", "Patricia", "Paula", "Raúl", "Rocío", "Rubén", "Sergio",
    "Silvia", "Sofía", "Teresa", "Tomás", "Verónica", "Víctor", "Yolanda",
)  # fmt: skip
SPANISH_LAST = (
    "Aguirre", "Alarcón", "Arranz", "Ballesteros", "Barrios", "Bustamante", "Cárdenas",
    "Carmona", "Casado", "Cifuentes", "Cordero", "De la Vega", "Echeverría", "Escudero",
    "Espinosa", "Figueroa", "Galindo", "Gallardo", "Garrido", "Guerrero", "Hidalgo",
    "Izquierdo", "Lozano", "Maldonado", "Manrique", "Medina", "Montero", "Navarrete",
    "Olmedo", "Ordóñez", "Pacheco", "Peralta", "Quintana", "Redondo", "Robledo",
    "Salazar", "Santamaría", "Sepúlveda", "Soriano", "Tejero", "Urrutia", "Valverde",
    "Villalba", "Yáñez", "Zamora", "Zúñiga",
)  # fmt: skip
ENGLISH_FIRST = (
    "Aisling", "Alice", "Andrew", "Beth", "Brendan", "Charlotte", "Ciara", "Colin",
    "Daniel", "Deirdre", "Edward", "Emma", "Fiona", "George", "Grace", "Hannah",
    "Harriet", "Ian", "Isla", "Jack", "Karen", "Liam", "Louise", "Martin", "Megan",
    "Niamh", "Oliver", "Priya", "Rachel", "Robert", "Samir", "Sheila", "Simon", "Tara",
    "Thomas", "Victoria", "William", "Yusuf",
)  # fmt: skip
ENGLISH_LAST = (
    "Ashworth", "Barlow", "Bracken", "Byrne", "Callaghan", "Chaudhry", "Clegg",
    "Coleman", "Dempsey", "Doyle", "Eastwood", "Fairclough", "Farrell", "Gallagher",
    "Hargreaves", "Hennessy", "Holloway", "Keane", "Lockwood", "Mahon", "McBride",
    "Mercer", "Nolan", "Okafor", "Pemberton", "Quigley", "Redmond", "Rigby",
    "Sheridan", "Stanton", "Sutcliffe", "Thornton", "Tierney", "Wakefield", "Whitcombe",
)  # fmt: skip

SPANISH_TRADES = {
    "Hostelería": ("Hostelería", "Restauración", "Hoteles", "Bodegas", "Cafés"),
    "Construcción": ("Construcciones", "Reformas", "Obras", "Cubiertas", "Pavimentos"),
    "Talleres": ("Talleres", "Recambios", "Neumáticos", "Mecánica", "Carrocerías"),
    "Industria": ("Industrias", "Metalúrgica", "Plásticos", "Envases", "Maquinaria"),
    "Comercio": ("Comercial", "Ferretería", "Almacenes", "Bazar", "Distribuciones"),
}
ENGLISH_TRADES = {
    "Hostelería": ("Catering", "Hotels", "Inns", "Kitchens", "Taverns"),
    "Construcción": ("Builders", "Roofing", "Contractors", "Joinery", "Flooring"),
    "Talleres": ("Motors", "Garage", "Tyres", "Autoparts", "Coachworks"),
    "Industria": ("Engineering", "Plastics", "Packaging", "Castings", "Machinery"),
    "Comercio": ("Hardware", "Stores", "Trading", "Supplies", "Merchants"),
}
SPANISH_PLACES = (
    "del Norte", "Levante", "La Ribera", "El Puerto", "Sierra Alta", "Las Eras",
    "San Telmo", "Costa Clara", "Vega Baja", "Los Almendros", "La Dehesa", "Monteverde",
    "Río Seco", "El Molino", "Piedra Blanca", "Santa Olalla", "La Alameda",
    "Tres Caños",
)  # fmt: skip
ENGLISH_PLACES = (
    "Northgate", "Harbour", "Millbrook", "Stonebridge", "Oakfield", "Riverside",
    "Castle Lane", "Fairview", "Hillcrest", "Moorside", "Old Quay", "Kingsmead",
    "Thornhill", "Westbrook", "Ashdown", "Blackrock", "Larkfield", "Seaview",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Country:
    code: str
    language: str
    cities: tuple[str, ...]
    weight: int
    suffixes: tuple[str, ...]
    currency: str = "EUR"


COUNTRIES = (
    Country(
        "ES",
        "es",
        ("Madrid", "Valencia", "Sevilla", "Zaragoza", "A Coruña", "Murcia", "Bilbao",
         "Málaga", "León", "Las Palmas de Gran Canaria"),
        58,
        ("S.L.", "S.A.", "e Hijos, S.L.", "Hnos."),
    ),
    Country("MX", "es", ("Monterrey", "Puebla", "Mérida", "Querétaro"), 8,
            ("S.A. de C.V.", "y Cía."), "MXN"),
    Country("CL", "es", ("Santiago", "Valparaíso", "Concepción"), 5, ("SpA", "Ltda.")),
    Country("CO", "es", ("Bogotá", "Medellín", "Cali"), 4, ("S.A.S.",)),
    Country("GB", "en", ("Leeds", "Bristol", "Glasgow", "Norwich", "Swansea"), 17,
            ("Ltd", "& Sons Ltd", "& Co."), "GBP"),
    Country("IE", "en", ("Cork", "Galway", "Dublin", "Sligo"), 8, ("Ltd", "& Sons")),
)  # fmt: skip

INELIGIBLE_REASONS = (
    "Crédito retenido",
    "Concurso de acreedores",
    "Solo pedidos por EDI según contrato",
    "Credit hold",
)
