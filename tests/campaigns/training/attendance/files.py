"""Attendance lists as the tools document them, with invented people."""

ZOOM_MEETING = (
    "Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants\n"
    "812 3456 7890,Pedir en línea,10/27/2026 10:00:12 AM,10/27/2026 11:02:40 AM,"
    "formacion@norte.example,63,3\n"
    "\n"
    "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest\n"
    "Ana R (Ana Ruiz),ana@ebro.example,10/27/2026 10:00:40 AM,"
    "10/27/2026 11:01:00 AM,61,Yes\n"
    "Luis Pérez,,10/27/2026 10:03:00 AM,10/27/2026 10:09:00 AM,6,Yes\n"
).encode("utf-8-sig")

ZOOM_WEBINAR = (
    b"Attendee Report\n"
    b'Report Generated:,"Oct 27, 2026 11:30 AM"\n'
    b"Topic,Webinar ID,Actual Start Time,Actual Duration (minutes),# Registered\n"
    b'Ordering online,812 3456 7890,"Oct 27, 2026 10:00 AM",62,3,\n'
    b"Host Details,\n"
    b"Attended,User Name (Original Name),Email,Join Time,Leave Time,"
    b"Time in Session (minutes),Is Guest,Country/Region Name,\n"
    b'Yes,Norte,formacion@norte.example,"Oct 27, 2026 09:55:00","Oct 27, 2026 11:02:00"'
    b",67,No,Spain,\n"
    b"Attendee Details,\n"
    b"Attended,User Name (Original Name),First Name,Last Name,Email,"
    b"Registration Time,Approval Status,Join Time,Leave Time,"
    b"Time in Session (minutes),Is Guest,Country/Region Name,\n"
    b'Yes,Ana Ruiz,Ana,Ruiz,ana@ebro.example,"Oct 20, 2026 10:00:00",approved,'
    b'"Oct 27, 2026 10:01:00","Oct 27, 2026 10:20:00",19,Yes,Spain,\n'
    b'Yes,Ana Ruiz,Ana,Ruiz,ana@ebro.example,"Oct 20, 2026 10:00:00",approved,'
    b'"Oct 27, 2026 10:22:00","Oct 27, 2026 11:00:00",38,Yes,Spain,\n'
    b"No,--,Eva,Gil,eva@sur.example,"
    b'"Oct 21, 2026 10:00:00",approved,--,--,--,--,--,\n'
    b"Other Attended,\n"
    b"User Name,Join Time,Leave Time,Time in Session (minutes),Country/Region Name\n"
    b'34976000000,"Oct 27, 2026 10:02:00","Oct 27, 2026 10:40:00",38,Spain\n'
)

TEAMS = (
    "1. Summary\n"
    "Meeting title\tOrdering online\n"
    "Attended participants\t2\n"
    "Start time\t10/27/26, 10:00:11 AM\n"
    "End time\t10/27/26, 11:02:02 AM\n"
    "Meeting duration\t1h 1m 51s\n"
    "Average attendance time\t48m 3s\n"
    "\n"
    "2. Participants\n"
    "Name\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\t"
    "Participant ID (UPN)\tRole\n"
    "Ana Ruiz\t10/27/26, 10:02:11 AM\t10/27/26, 11:00:02 AM\t57m 51s\t"
    "ana@ebro.example\tana@ebro.example\tPresenter\n"
    "Tom Hill (Guest)\t10/27/26, 10:00:30 AM\t10/27/26, 11:02:00 AM\t1h 1m 30s\t"
    "\t\tAttendee\n"
    "\n"
    "3. In-Meeting Activities\n"
    "Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole\n"
    "Ana Ruiz\t10/27/26, 10:02:11 AM\t10/27/26, 11:00:02 AM\t57m 51s\t"
    "ana@ebro.example\tPresenter\n"
).encode("utf-16")

TEAMS_ES = (
    "1. Resumen\r\n"
    "Título de la reunión\tPedir en línea\r\n"
    "Participantes que asistieron\t2\r\n"
    "\r\n"
    "2. Participantes\r\n"
    "Nombre\tPrimera unión\tÚltima salida\tDuración de la reunión\t"
    "Correo electrónico\tId. de participante (UPN)\tRol\r\n"
    "Ana Ruiz\t27/10/26, 10:02:11\t27/10/26, 11:00:02\t57 min 51 s\t"
    "ana@ebro.example\tana@ebro.example\tAsistente\r\n"
    "Ruiz Gil, Eva\t27/10/26, 10:00:30\t27/10/26, 11:02:00\t1 h 1 min 30 s\t"
    "\t\tAsistente\r\n"
    "\r\n"
    "3. Actividades en la reunión\r\n"
    "Nombre\tHora de unión\tHora de salida\tDuración\tCorreo electrónico\tRol\r\n"
    "Ana Ruiz\t27/10/26, 10:02:11\t27/10/26, 11:00:02\t57 min 51 s\t"
    "ana@ebro.example\tAsistente\r\n"
).encode("utf-16")

MEET = (
    b"First name,Last name,Email,Duration,Time joined,Time exited\n"
    b"Ana,Ruiz,ana@ebro.example,58 min,10:01 AM,10:59 AM\n"
    b"Tom,Hill,to***@hill.example,1 hr 2 min,10:00 AM,11:02 AM\n"
)

MEET_ES = (
    "Nombre;Apellidos;Correo electrónico;Duración;Hora de entrada;Hora de salida\n"
    "Ana;Ruiz;ana@ebro.example;58 min;10:01;10:59\n"
).encode("cp1252")
