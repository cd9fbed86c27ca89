"""The letters of the firm, by template and language. «Names» are merge fields; a blank line ends a paragraph."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Letter:
    """title: in lists.  file: its name.  closing: above the name of the salesperson, "" where nobody signs."""

    title: str
    subject: str
    file: str
    text: str
    closing: str

    @property
    def paragraphs(self):
        return [paragraph.strip().replace("\n", " ") for paragraph in self.text.split("\n\n")]


LETTERS = {
    "BUS": {
        "en": Letter(
            "Business letter, English",
            "Light for your rooms",
            "Business letter.docx",
            """
Thank you for the time you gave us. As agreed we have put on paper how we would light your rooms, with the
fittings we spoke about and a calculation for each of them.

«Description»

All luminaires are in stock in our central warehouse and can be with you within ten working days. We gladly
send samples beforehand, so that you can judge colour and glare where it matters: on site.

If you have any questions, call me on «Salesperson_Phone» or write to «Salesperson_Email».
""",
            "Yours sincerely,",
        ),
        "es": Letter(
            "Carta comercial, español",
            "Luz para sus espacios",
            "Carta comercial.docx",
            """
Le agradecemos el tiempo que nos ha dedicado. Tal como acordamos, le presentamos por escrito nuestra
propuesta de iluminación, con las luminarias comentadas y un cálculo para cada espacio.

«Description»

Todas las luminarias están disponibles en nuestro almacén central y podemos entregarlas en un plazo de diez
días laborables. Con mucho gusto le enviaremos muestras para que valore in situ el color y el
deslumbramiento.

Para cualquier consulta me encontrará en el «Salesperson_Phone» o en «Salesperson_Email».
""",
            "Reciba un cordial saludo,",
        ),
        "fr": Letter(
            "Lettre commerciale, français",
            "La lumière dans vos espaces",
            "Lettre commerciale.docx",
            """
Nous vous remercions du temps que vous nous avez accordé. Comme convenu, vous trouverez ci-dessous notre
proposition d’éclairage, avec les luminaires évoqués et une étude pour chaque pièce.

«Description»

Tous les luminaires sont disponibles dans notre entrepôt central et livrables sous dix jours ouvrés. Nous
vous adressons volontiers des échantillons afin que vous jugiez sur place de la couleur et de
l’éblouissement.

Je reste à votre disposition au «Salesperson_Phone» ou à l’adresse «Salesperson_Email».
""",
            "Veuillez agréer nos salutations distinguées.",
        ),
        "ru": Letter(
            "Деловое письмо, русский",
            "Свет для ваших помещений",
            "Деловое письмо.docx",
            """
Благодарим вас за уделенное время. Как и договаривались, направляем наше предложение по освещению:
светильники, которые мы обсуждали, и расчет для каждого помещения.

«Description»

Все светильники есть на центральном складе, срок поставки — десять рабочих дней. Мы охотно пришлем образцы,
чтобы вы могли оценить цвет и блескость прямо на объекте.

Если возникнут вопросы, звоните по телефону «Salesperson_Phone» или пишите на «Salesperson_Email».
""",
            "С уважением,",
        ),
    },
    "ABSTRACT": {
        "en": Letter(
            "Abstract of a meeting, English",
            "What we agreed",
            "Abstract of the meeting.docx",
            """
Please find below what we talked about and what happens next.

«Description»

Should we have misunderstood anything, please tell us within a week. Otherwise we work on this basis.
""",
            "Kind regards,",
        ),
        "es": Letter(
            "Resumen de reunión, español",
            "Lo que hemos acordado",
            "Resumen de la reunión.docx",
            """
A continuación le resumimos los puntos tratados y los próximos pasos.

«Description»

Si hubiera algún malentendido, le rogamos que nos lo indique en el plazo de una semana. De lo contrario,
trabajaremos sobre esta base.
""",
            "Un cordial saludo,",
        ),
        "fr": Letter(
            "Compte rendu de réunion, français",
            "Ce dont nous sommes convenus",
            "Compte rendu de la réunion.docx",
            """
Vous trouverez ci-dessous les points abordés ainsi que les prochaines étapes.

«Description»

Si un point vous paraît inexact, merci de nous le signaler sous huitaine. À défaut, nous travaillerons sur
cette base.
""",
            "Bien cordialement,",
        ),
        "ru": Letter(
            "Итоги встречи, русский",
            "О чем мы договорились",
            "Итоги встречи.docx",
            """
Ниже — то, о чем мы говорили, и следующие шаги.

«Description»

Если мы что-то поняли неверно, пожалуйста, сообщите нам в течение недели. В противном случае работаем на
этой основе.
""",
            "С уважением,",
        ),
    },
    "MAILSHOT": {  # no Russian file: the letter falls back, and says so
        "en": Letter(
            "Price list, English",
            "Our new price list",
            "Price list.docx",
            """
Enclosed you find our prices for the coming quarter. The ranges Linéa and Halo come with an introductory
discount of 8 % for projects confirmed before the end of next month.

Is a product you need not listed? «Salesperson_Name» gladly makes you an offer.
""",
            "Kind regards,",
        ),
        "es": Letter(
            "Lista de precios, español",
            "Nuestra nueva lista de precios",
            "Lista de precios.docx",
            """
Adjuntamos nuestros precios para el próximo trimestre. Las gamas Linéa y Halo tienen un descuento de
lanzamiento del 8 % en proyectos confirmados antes de que acabe el mes que viene.

¿No encuentra un producto? «Salesperson_Name» le hará una oferta con mucho gusto.
""",
            "Un cordial saludo,",
        ),
        "fr": Letter(
            "Tarif, français",
            "Nos nouveaux tarifs",
            "Tarif.docx",
            """
Veuillez trouver ci-joint nos tarifs du prochain trimestre. Les gammes Linéa et Halo bénéficient d’une
remise de lancement de 8 % pour les projets confirmés avant la fin du mois prochain.

Un produit n’y figure pas ? «Salesperson_Name» vous fera volontiers une offre.
""",
            "Bien cordialement,",
        ),
    },
    "EVENT": {
        "en": Letter(
            "Open days, English",
            "Come and see: open days in our showroom",
            "Invitation to the open days.docx",
            """
For two days our showroom is open from nine to nine. See tunable white in a real classroom, a gallery wall
at 97 CRI and the new Halo pendants, and put your questions to the people who draw them.

Tell «Salesperson_Name» which afternoon suits you; a place at the workshop is then yours.
""",
            "We look forward to seeing you,",
        ),
        "es": Letter(
            "Jornadas abiertas, español",
            "Venga a verlo: jornadas abiertas en nuestra sala",
            "Invitación a las jornadas.docx",
            """
Durante dos días nuestra sala de exposición abre de nueve a nueve. Verá un aula real con blanco dinámico,
una pared de galería con CRI 97 y las nuevas suspensiones Halo, y podrá preguntar a quienes las diseñan.

Dígale a «Salesperson_Name» qué tarde le viene bien y le reservaremos plaza en el taller.
""",
            "Le esperamos,",
        ),
        "fr": Letter(
            "Portes ouvertes, français",
            "Portes ouvertes dans notre salle d’exposition",
            "Invitation aux portes ouvertes.docx",
            """
Pendant deux jours, notre salle d’exposition est ouverte de neuf à vingt et une heures. Découvrez une salle
de classe en blanc dynamique, un mur de galerie à l’IRC 97 et les nouvelles suspensions Halo, et posez vos
questions à ceux qui les dessinent.

Indiquez à «Salesperson_Name» l’après-midi qui vous convient : votre place à l’atelier est réservée.
""",
            "Au plaisir de vous accueillir,",
        ),
        "ru": Letter(
            "Дни открытых дверей, русский",
            "Приглашаем на дни открытых дверей",
            "Приглашение.docx",
            """
Два дня наш шоурум открыт с девяти утра до девяти вечера. Посмотрите на настоящий класс с изменяемой
цветовой температурой, галерейную стену с индексом CRI 97 и новые подвесы Halo, задайте вопросы тем, кто их
проектирует.

Сообщите менеджеру («Salesperson_Name»), какой день вам удобен, и мы оставим за вами место на семинаре.
""",
            "Ждем вас,",
        ),
    },
    "VISIT": {
        "en": Letter(
            "Minutes of a visit, English",
            "Your visit to our showroom",
            "Minutes of the visit.docx",
            """
Thank you for visiting our showroom. Below are the points we went through and the next steps.

«Description»
""",
            "Kind regards,",
        ),
        "es": Letter(
            "Acta de visita, español",
            "Su visita a nuestra sala de exposición",
            "Acta de la visita.docx",
            """
Gracias por visitar nuestra sala de exposición. Estos son los puntos que vimos y los próximos pasos.

«Description»
""",
            "Un cordial saludo,",
        ),
        "fr": Letter(
            "Compte rendu de visite, français",
            "Votre visite dans notre salle d’exposition",
            "Compte rendu de visite.docx",
            """
Nous vous remercions de votre visite dans notre salle d’exposition. Vous trouverez ci-dessous les points
abordés ainsi que les prochaines étapes convenues ensemble.

«Description»
""",
            "Bien cordialement,",
        ),
        "ru": Letter(
            "Итоги визита, русский",
            "Ваш визит в наш шоурум",
            "Итоги визита.docx",
            """
Спасибо, что посетили наш шоурум. Ниже — то, что мы посмотрели, и следующие шаги.

«Description»
""",
            "С уважением,",
        ),
    },
    "COVERSH": {
        "": Letter(
            "Cover sheet, every language",
            "Cover sheet",
            "Cover sheet.docx",
            """
«Description»
""",
            "",
        ),
    },
}
