from .text import lines

PLACES = lines("""
la planta baja
la primera planta
el almacén
la nave 2
la recepción
la escalera principal
el aparcamiento
la cocina vista
la sala de exposiciones
la biblioteca
las consultas
la sala de catas
la terraza
la sala de juntas
los vestuarios
la fachada norte
el polideportivo
el escaparate
la zona de embalaje
la bodega
""")

PRODUCTS = lines("""
Linéa 1200
suspensiones Halo
empotrables Orba
paneles Tessera
proyectores Faro
apliques Murmur
focos de carril CRI 97
lineales IP67
luminarias de emergencia
drivers DALI-2
módulos warm dim 2700 K
campanas Atlas 150 W
""")

TALK = {
    "OUTGOING": lines("""
Devolver la llamada sobre la iluminación de {place}
Pregunto si han llegado las muestras: {product}
Pido el plano de techos de {place}
Confirmo la entrega de {product} para el jueves
Repasamos el cálculo de lux de {place}
Explico la diferencia con las luminarias actuales
Fijamos fecha para medir {place}
Recordatorio del presupuesto de {place}
Seguimiento a un mes: {product}
Pregunto quién decide sobre {place}
Aviso: {product} llegan una semana más tarde
Condiciones de pago de la segunda fase
Ofrezco sustituir {n} drivers defectuosos
Opinión sobre la prueba en {place}
Aclaramos la altura de montaje en {place}
Me presento como nueva persona de contacto
Seguimiento de las jornadas abiertas
Negociamos precio por volumen: {n} {product}
Pido los pliegos de la licitación
Aviso del fin de la versión T5
"""),
    "FAILED": lines("""
Devolver llamada sobre {product}, no contesta
Intento hablar sobre {place}
Quería confirmar la visita a {place}
Segundo intento: presupuesto de {place}
Recordatorio de las muestras: {product}
Comunica, volveré a llamar
"""),
    "INCOME": lines("""
Pide muestras warm dim, 2700 K
Quiere un segundo presupuesto con {product}
Pregunta cuándo llegan: {product}
Avisa de {n} luminarias que parpadean en {place}
Confirma la visita a la sala de exposición
Pide precio para {n} {product}
Necesita fichas técnicas para la ingeniería: {product}
Quiere aplazar la reunión una semana
La dirección ha aprobado {place}
Se queja del zumbido de los drivers en {place}
Pregunta por la regulación por fase: {product}
Pide {n} unidades más: {product}
Duda sobre la factura y el descuento
Pregunta por el horario de agosto
Quiere conocer referencias en museos
Pregunta si retiramos las luminarias viejas
El arquitecto prefiere acabado latón
Pide fecha para la formación en control
"""),
    "EMAIL": lines("""
Respuesta sobre luminarias IP67
Fichas técnicas: {product}
Listado de luminarias revisado, {place}
Archivos fotométricos: {product}
Acta y próximos pasos, {place}
Alternativa más económica: {product}
Plazos de entrega: {product}
Certificados CE y ENEC: {product}
Plano con posiciones de montaje, {place}
Condiciones de garantía: {product}
Fotos de un proyecto de referencia
Enlace a la herramienta de cálculo
Respuesta sobre regulación DALI
Lista de repuestos: {product}
"""),
    "EMAIL_IN": lines("""
Envía el plano de {place}
Pide archivos IES: {product}
Pedido de {n} {product}
Consulta sobre curvas de regulación
Fotos de la instalación en {place}
Pide descuento para {n} {product}
Agradece la sustitución tan rápida
Envía el acta de la visita de obra
Pide la huella de CO2: {product}
Quiere dividir la factura en dos
Envía los colores para {place}
Anula la cita del lunes
"""),
    "ONSITE": lines("""
Visita de obra, {place}
Medición in situ, {place}
Recorrido con el instalador, {place}
Prueba de {product} en {place}
Entrega de {place} y formación en control
Comprobación de deslumbramiento en {place}
Avería: {n} luminarias en {place}
Puesta en marcha DALI, {place}
Recorrido por la sala de exposiciones
Reunión anual con compras
Orientación de focos en {place}
Recepción de la segunda fase, {place}
"""),
    "INHOUSE": lines("""
Presentación de la nueva gama: {product}
Taller de planificación, {place}
Reunión de contrato
Sesión de muestras: acabados y temperaturas de color
Balance del año
Formación en control DALI
Reunión de concepto para {place}
"""),
    "VISIT": lines("""
Visita a la sala, gamas Linéa y Halo
Visita a la sala con el arquitecto
Comparación 2700 K y 3000 K en la sala de pruebas
Visita a la sala: {product}
Iluminación comercial, se decide por {product}
Visita con mantenimiento, emergencias
"""),
    "BUS": lines("""
Carta de presentación
Oferta para {place}
Respuesta a la reclamación sobre {place}
Confirmación de las condiciones del año
Carta sobre el fin de la gama fluorescente
Oferta de mantenimiento de {place} a tres años
Carta de agradecimiento tras la entrega de {place}
"""),
    "ABSTRACT": lines("""
Lo acordado sobre {place}
Resumen del taller de planificación
Puntos pendientes tras la medición de {place}
Decisiones sobre {product} y entrega
"""),
    "MEETINV": lines("""
Convocatoria: visita de obra, {place}
Convocatoria: taller de planificación
Convocatoria: videollamada sobre {place}
"""),
    "COVERSH": lines("""
Muestras: {product}
Catálogo y tarifa
Contrato firmado
Certificados de ensayo: {product}
"""),
    "NOTE": lines("""
El presupuesto no se aprueba hasta después del verano
Su instalador es ahora Electricidad Lozano
Mejor llamar antes de las diez
Nueva oficina: entregas por la puerta trasera
La competencia ofrece un 6 % menos para {place}
El arquitecto deja el proyecto a fin de mes
Están pidiendo ofertas para {n} {product}
Lo quiere todo por escrito
Obra parada dos semanas
La decisión pasa al próximo consejo
Reforma de {place} el año que viene, mantener contacto
Contabilidad quiere una factura por obra
"""),
}

MAILSHOT, EVENT = "Lista de precios del trimestre", "Invitación a las jornadas abiertas"

GOOD = lines("""
Muy contentos con la luz, quieren enseñársela a la central.
Hacen el pedido en cuanto se reúna el consejo.
Nos piden enseguida un segundo local.
Prefiere el acabado latón. Enviar muestras de 2700 K.
Buena conversación. Nuestro cálculo será la base de la licitación.
Nos ha recomendado a la tienda de al lado.
Sorprendido por lo poco que deslumbra la nueva óptica.
Vendrán cuatro personas a las jornadas.
""")
PLAIN = lines("""
Necesita los datos antes del viernes.
El plano llega por correo, archivarlo con el proyecto.
Tiene que preguntar antes al instalador.
La altura de montaje es de 4,2 m, no de 3,8 m.
Quien decide vuelve de vacaciones el lunes.
Luminarias actuales: 2 x 58 W T8, balasto convencional.
Enviar el presupuesto también a contabilidad.
Reflectancias: 70 / 50 / 20.
Quiere una versión con detectores de presencia.
El techo está protegido, no se puede taladrar.
Entregas solo entre las siete y las diez.
Pide precio con y sin instalación.
""")
BAD = lines("""
Molesto por el retraso, espera un abono.
Dos luminarias zumban. Tercera queja del trimestre.
Dice que estamos un 12 % por encima de la competencia.
Le parece un color demasiado frío, lo quiere todo en 3000 K.
Decepcionado porque nadie le devolvió la llamada.
Esta vez el contrato va a otro proveedor.
""")
FAILED = lines("""
Dejo mensaje en el contestador.
Mensaje en el buzón. Su compañera dice que vuelve el jueves.
No contesta nadie, la centralita cierra a las tres.
Reunido todo el día, que llame mañana.
Extensión equivocada, nadie conoce la nueva.
""")
CANCELED = lines("""
Registrado por error
Duplicado
Contacto equivocado
No se celebró
Contacto equivocado: era la compañera de compras
No se celebró, se aplaza a la semana que viene
""")
