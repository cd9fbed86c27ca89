"""Who Alder & Finch know: companies with their addresses, and names and titles that their people are made of."""

# The people and companies that come back everywhere.
# company, domain, street, post code, city, country, language, salesperson, [(first name, surname, F or M, job title)]
FAMILIAR = (
    ("Hartwell Marine Ltd", "hartwell-marine.example", "Itchen Quay 4", "SO14 3XB", "Southampton", "GB", "en", "JW", [
        ("Oliver", "Hartwell", "M", "Yard manager"), ("Ruth", "Pemberton", "F", "Buyer")]),
    ("Kestrel Retail Group", "kestrel-retail.example", "27 Boar Lane", "LS1 5DA", "Leeds", "GB", "en", "MR", [
        ("Priya", "Nair", "F", "Head of store design"), ("Callum", "Reid", "M", "Project manager")]),
    ("Okafor Studios", "okafor.example", "Unit 6, Hackney Wick", "E9 5LN", "London", "GB", "en", "CD", [
        ("Samuel", "Okafor", "M", "Creative director")]),
    ("Lindqvist Möbler AB", "lindqvist-mobler.example", "Norra Vallgatan 60", "211 22", "Malmö", "SE", "en", "JW", [
        ("Greta", "Lindqvist", "F", "Inköpschef")]),
    ("Hoteles Brisa S.A.", "hotelesbrisa.example", "Paseo de la Farola 8", "29016", "Málaga", "ES", "es", "MR", [
        ("Lucía", "Navarro", "F", "Directora de compras"), ("Andrés", "Molina", "M", "Jefe de mantenimiento")]),
    ("Vidal Óptica", "vidaloptica.example", "Calle Alfonso I 21", "50003", "Zaragoza", "ES", "es", "MR", [
        ("Tomás", "Vidal", "M", "Propietario")]),
    ("Ferrer Logística S.L.", "ferrerlogistica.example", "Polígono Fuente del Jarro 14", "46988", "Valencia", "ES", "es", "MR", [
        ("Diego", "Ferrer", "M", "Jefe de almacén")]),
    ("Grupo Ibáñez", "grupoibanez.example", "Avenida de la Palmera 33", "41012", "Sevilla", "ES", "es", "MR", [
        ("Carmen", "Ibáñez", "F", "Consejera delegada")]),
    ("Etxe Estudio", "etxe.example", "Calle Ledesma 9", "48001", "Bilbao", "ES", "es", "MR", [
        ("Nerea", "Etxeberria", "F", "Interiorista")]),
    ("Salgado Arquitectos", "salgado-arq.example", "Rúa do Vilar 40", "15705", "Santiago de Compostela", "ES", "es", "AV", [
        ("Beatriz", "Salgado", "F", "Arquitecta"), ("Miguel", "Prado", "M", "Arquitecto técnico")]),
    ("Pimentel & Filhos Lda", "pimentel.example", "Rua das Flores 112", "4050-265", "Porto", "PT", "en", "MR", [
        ("João", "Pimentel", "M", "Sócio-gerente")]),
    ("Tavares Retalho", "tavares-retalho.example", "Avenida da Liberdade 190", "1250-147", "Lisboa", "PT", "en", "MR", [
        ("Rui", "Tavares", "M", "Director de expansão")]),
    ("Caron Architecture", "caron-archi.example", "17 cours Portal", "33000", "Bordeaux", "FR", "fr", "CD", [
        ("Émile", "Caron", "M", "Associé"), ("Solène", "Daumas", "F", "Architecte d’intérieur")]),
    ("ООО «Северный свет»", "sever-svet.example", "Литейный пр., 41", "191014", "Санкт-Петербург", "RU", "ru", "IO", [
        ("Анна", "Соколова", "F", "Коммерческий директор"), ("Глеб", "Ткаченко", "M", "Инженер-проектировщик")]),
    ("Lebedev Interiors", "lebedev.example", "Малая Бронная, 18", "123104", "Москва", "RU", "ru", "IO", [
        ("Пётр", "Лебедев", "M", "Дизайнер")]),
)  # fmt: skip

# Numbers CT000141 and after.
MARCHAND = ("Atelier Marchand SAS", "atelier-m.example", "14 rue des Lampistes", "69002", "Lyon", "FR", "fr", "MR", [
    ("Hélène", "Marchand", "F", "Directrice des achats"), ("Bastien", "Roux", "M", "Chef de projet"),
    ("Camille", "Perrin", "F", "Designer"), ("Yannick", "Le Goff", "M", "Responsable atelier"),
    ("Inès", "Belkacem", "F", "Assistante de direction"), ("Marc", "Chevallier", "M", "Comptable")])  # fmt: skip

# company, domain, street, post code, city, country, language, salesperson
OTHERS = (
    ("Bramley & Stoke Architects", "bramleystoke.example", "3 Corn Street", "BS1 1HT", "Bristol", "GB", "en", "EB"),
    ("Calder Valley Museums Trust", "caldermuseums.example", "Piece Hall", "HX1 1RE", "Halifax", "GB", "en", "EB"),
    ("Tidewater Hotels plc", "tidewater.example", "Marine Parade 50", "BN2 1PH", "Brighton", "GB", "en", "JW"),
    ("Merrow Logistics", "merrow.example", "Dock Road 77", "CH41 1DJ", "Birkenhead", "GB", "en", "JW"),
    ("St Aldate’s School", "staldates.example", "Speedwell Street", "OX1 1PJ", "Oxford", "GB", "en", "EB"),
    ("Glenrothie Distillery", "glenrothie.example", "Spey Road", "AB38 9RX", "Aberlour", "GB", "en", "EB"),
    ("Fennimore Joinery", "fennimore.example", "Unit 2, Mill Yard", "NR3 1AX", "Norwich", "GB", "en", "JW"),
    ("Penrose Dental Care", "penrosedental.example", "12 Lemon Street", "TR1 2LQ", "Truro", "GB", "en", "EB"),
    ("Harbour Lights Restaurants", "harbourlights.example", "Albert Dock 9", "L3 4AF", "Liverpool", "GB", "en", "JW"),
    ("Whitcombe Property Management", "whitcombe.example", "88 Deansgate", "M3 2ER", "Manchester", "GB", "en", "EB"),
    ("Ballinrobe Dairy Co-op", "ballinrobe.example", "Main Street", "F31 XY20", "Ballinrobe", "IE", "en", "EB"),
    ("Liffey Quarter Developments", "liffeyquarter.example", "Sir John Rogerson’s Quay 21", "D02 KX03", "Dublin", "IE", "en", "EB"),
    ("Cork Opera & Theatre Company", "corktheatre.example", "Emmet Place", "T12 W2X5", "Cork", "IE", "en", "EB"),
    ("Nordhavn Kontorer A/S", "nordhavn.example", "Sundkaj 125", "2150", "København", "DK", "en", "JW"),
    ("Fjordlys Eiendom AS", "fjordlys.example", "Strandgaten 18", "5013", "Bergen", "NO", "en", "JW"),
    ("Hansen Lichtplanung GmbH", "hansen-licht.example", "Speicherstraße 11", "20457", "Hamburg", "DE", "en", "JW"),
    ("Van Dijk Retail Interiors", "vandijk-retail.example", "Meent 94", "3011 JP", "Rotterdam", "NL", "en", "JW"),
    ("Łódź Design Warehouse", "lodzdesign.example", "ul. Piotrkowska 217", "90-451", "Łódź", "PL", "en", "JW"),
    ("Bodegas Valdelagua", "valdelagua.example", "Carretera de Haro 6", "26200", "Haro", "ES", "es", "AV"),
    ("Clínica Dental Sonríe", "clinicasonrie.example", "Gran Vía 55", "28013", "Madrid", "ES", "es", "AV"),
    ("Museo del Azulejo", "museoazulejo.example", "Plaza Mayor 2", "12540", "Villarreal", "ES", "es", "LC"),
    ("Supermercados La Huerta", "lahuerta.example", "Avenida Murcia 140", "30007", "Murcia", "ES", "es", "AV"),
    ("Colegio San Telmo", "santelmo.example", "Calle Navegantes 3", "11004", "Cádiz", "ES", "es", "AV"),
    ("Talleres Goikoetxea", "goikoetxea.example", "Polígono Ugaldeguren 8", "48160", "Derio", "ES", "es", "AV"),
    ("Estudio Peralta y Cía.", "peralta.example", "Calle Sagasta 30", "28004", "Madrid", "ES", "es", "LC"),
    ("Hospital Virgen del Puerto", "hvpuerto.example", "Avenida de la Salud 1", "10600", "Plasencia", "ES", "es", "AV"),
    ("Constructora Miralles", "miralles.example", "Carrer de Balmes 112", "08008", "Barcelona", "ES", "es", "LC"),
    ("Librería Cervantes", "libreriacervantes.example", "Calle Doctor Casal 9", "33001", "Oviedo", "ES", "es", "AV"),
    ("Panaderías Trigo Limpio", "trigolimpio.example", "Calle Mayor 18", "31001", "Pamplona", "ES", "es", "AV"),
    ("Ayuntamiento de Benifaió", "benifaio.example", "Plaça Major 15", "46450", "Benifaió", "ES", "es", "LC"),
    ("Grupo Restaurador Marea Alta", "mareaalta.example", "Muelle de Levante 2", "03001", "Alicante", "ES", "es", "MR"),
    ("Oficinas Norte Coworking", "oficinasnorte.example", "Calle Uría 40", "33003", "Oviedo", "ES", "es", "AV"),
    ("Consorcio para la Rehabilitación Energética de Edificios Históricos de la Comunidad Valenciana",
     "creeh.example", "Calle Caballeros 20", "46001", "Valencia", "ES", "es", "LC"),
    ("Luz del Sur S.A.", "luzdelsur.example", "Avenida Corrientes 1240", "C1043AAZ", "Buenos Aires", "AR", "es", "MR"),
    ("Grupo Hotelero Cenote", "cenote.example", "Calle 60 núm. 412", "97000", "Mérida", "MX", "es", "MR"),
    ("Atelier Sérignac", "serignac.example", "22 rue Sainte-Catherine", "33000", "Bordeaux", "FR", "fr", "CD"),
    ("Brasseries du Canal", "brasseriescanal.example", "5 quai de Valmy", "75010", "Paris", "FR", "fr", "PL"),
    ("Clinique des Trois Fontaines", "troisfontaines.example", "40 avenue Foch", "54000", "Nancy", "FR", "fr", "PL"),
    ("Coopérative Lumière et Territoires", "lumiere-territoires.example", "3 place Grenette", "38000", "Grenoble", "FR", "fr", "CD"),
    ("Fondation Arnaud-Vasseur", "fondation-av.example", "11 rue de Seine", "75006", "Paris", "FR", "fr", "CD"),
    ("Galeries Montfaucon", "montfaucon.example", "70 rue Nationale", "59800", "Lille", "FR", "fr", "PL"),
    ("Hôtel du Vieux Phare", "vieuxphare.example", "1 quai Wilson", "29900", "Concarneau", "FR", "fr", "CD"),
    ("Imprimerie Lantier", "lantier.example", "8 rue du Rempart", "21200", "Beaune", "FR", "fr", "PL"),
    ("Librairie de la Halle aux Grains", "halleauxgrains.example", "2 place Dupuy", "31000", "Toulouse", "FR", "fr", "PL"),
    ("Lycée Marie-Curie", "lycee-mc.example", "70 avenue Jean-Jaurès", "67100", "Strasbourg", "FR", "fr", "PL"),
    ("Maison Delaunay & Fils", "delaunay.example", "16 rue de la Paix", "44000", "Nantes", "FR", "fr", "CD"),
    ("Pharmacie du Grand Large", "grandlarge.example", "Esplanade Sainte-Anne", "22700", "Perros-Guirec", "FR", "fr", "PL"),
    ("Transports Vercors", "transports-vercors.example", "Zone des Glières 9", "26000", "Valence", "FR", "fr", "PL"),
    ("Syndicat mixte pour l’éclairage public des communes du Haut-Languedoc et de la Montagne Noire",
     "smep-hl.example", "4 allée Paul-Riquet", "34500", "Béziers", "FR", "fr", "CD"),
    ("Bureau d’études Vandenbroucke", "be-vdb.example", "Avenue Louise 231", "1050", "Bruxelles", "BE", "fr", "PL"),
    ("Cafés Ostrowski", "ostrowski.example", "Rue Léopold 14", "4000", "Liège", "BE", "fr", "PL"),
    ("Banque Privée Rochat SA", "rochat.example", "Rue du Rhône 50", "1204", "Genève", "CH", "fr-CH", "CD"),
    ("Hôtel Beau-Rivage du Lac", "brlac.example", "Quai Perdonnet 22", "1800", "Vevey", "CH", "fr-CH", "CD"),
    ("АО «Невский проект»", "nevproekt.example", "Невский пр., 128", "191036", "Санкт-Петербург", "RU", "ru", "IO"),
    ("ООО «Дом у моря»", "domumorya.example", "ул. Навагинская, 9", "354000", "Сочи", "RU", "ru", "IO"),
    ("Галерея «Белый квадрат»", "belkvadrat.example", "Лаврушинский пер., 15", "119017", "Москва", "RU", "ru", "IO"),
    ("ООО «Техносвет Урал»", "tehnosvet.example", "ул. Малышева, 51", "620075", "Екатеринбург", "RU", "ru", "IO"),
    ("Сеть кофеен «Зерно»", "zerno.example", "ул. Рубинштейна, 23", "191002", "Санкт-Петербург", "RU", "ru", "IO"),
    ("ЗАО «Волжский терминал»", "volgaterminal.example", "ул. Баррикад, 1", "603046", "Нижний Новгород", "RU", "ru", "IO"),
    ("Клиника «Ясный взгляд»", "yasny.example", "ул. Баумана, 44", "420111", "Казань", "RU", "ru", "IO"),
    ("Архитектурное бюро «Контур»", "kontur.example", "Большая Никитская, 24", "125009", "Москва", "RU", "ru", "IO"),
    ("Театр на Набережной", "teatr-nab.example", "наб. Фонтанки, 65", "191023", "Санкт-Петербург", "RU", "ru", "IO"),
    ("ООО «Сибирь-Ритейл»", "sibritail.example", "Красный пр., 82", "630091", "Новосибирск", "RU", "ru", "IO"),
    ("Школа № 57", "school57.example", "Малый Знаменский пер., 7", "119019", "Москва", "RU", "ru", "IO"),
    ("Гостиница «Онежская»", "onega.example", "наб. Гюллинга, 11", "185035", "Петрозаводск", "RU", "ru", "IO"),
    ("Мебельная фабрика «Кедр»", "kedr.example", "ул. Лесная, 3", "634009", "Томск", "RU", "ru", "IO"),
    ("ТОО «Алатау Девелопмент»", "alatau.example", "пр. Абая, 150", "050046", "Алматы", "KZ", "ru", "IO"),
    ("Федеральный научно-исследовательский центр светотехники и энергосбережения имени С. И. Вавилова",
     "fncse.example", "ул. Академика Лебедева, 6", "194044", "Санкт-Петербург", "RU", "ru", "IO"),
    ("Российско-испанский культурный центр", "ricc.example", "ул. Солянка, 14", "109028", "Москва", "RU", "ru", "IO"),
)  # fmt: skip

# Phone numbers that belong to nobody, by country: pattern with # for a digit
PHONES = {
    "GB": "+44 1632 960 ###", "IE": "+353 20 913 ####", "SE": "+46 40 555 0###", "DK": "+45 33 55 5# ##",
    "NO": "+47 55 55 5# ##", "DE": "+49 40 669 69 ###", "NL": "+31 10 555 0# ##", "PL": "+48 42 555 ## ##",
    "ES": "+34 960 555 ###", "PT": "+351 255 500 ###", "AR": "+54 11 5555 0###", "MX": "+52 999 555 0###",
    "FR": "+33 1 99 00 ## ##", "BE": "+32 2 555 ## ##", "CH": "+41 22 555 ## ##",
    "RU": "+7 812 555-##-##", "KZ": "+7 727 555-##-##",
}  # fmt: skip
MOBILES = {
    "FR": "+33 6 99 00 ## ##",
    "ES": "+34 600 555 ###",
    "GB": "+44 7700 900 ###",
    "RU": "+7 921 555-##-##",
}


def names_in(text):
    return text.split()


# Given names and surnames: (women, men, surnames); Russian surnames are the man's, and the woman's adds an а
PEOPLE = {
    "en": (
        names_in(
            "Alice Bronagh Charlotte Deirdre Eleanor Fiona Grace Hannah Isla Joanne Karen Leah Megan Niamh Olivia Sinéad"
        ),
        names_in(
            "Adam Brian Connor Daniel Edward Finlay George Harry Ian Jack Kieran Liam Matthew Niall Owen Patrick"
        ),
        names_in(
            "Ashworth Barlow Cavanagh Doyle Ellison Fairfax Gallagher Holloway Ingram Jessop Kilbride Lomax Mayhew Norris"
            " O’Connell Prescott Quigley Radcliffe Sutcliffe Thornton Underwood Vickers Whelan Yates"
        ),
    ),
    "es": (
        names_in(
            "Alba Begoña Cristina Dolores Elena Fátima Gloria Inmaculada Julia Laura María Noelia Pilar Rocío Sara Teresa"
        ),
        names_in(
            "Alejandro Borja Carlos David Enrique Fernando Gonzalo Héctor Íñigo Javier Luis Manuel Óscar Pablo Raúl Sergio"
        ),
        names_in(
            "Aguirre Blanco Castaño Delgado Esteban Fuentes Gallego Herrero Iglesias Jiménez Llorente Márquez Núñez Ortega"
            " Peñalver Quintana Robles Sáez Torres Urrutia Valverde Yáñez Zamora Muñoz"
        ),
    ),
    "fr": (
        names_in(
            "Adèle Béatrice Chloé Delphine Élodie Florence Géraldine Isabelle Juliette Laure Margaux Noémie Océane Sylvie"
        ),
        names_in(
            "Antoine Benoît Cédric Damien Étienne François Guillaume Hugo Jérôme Laurent Mathieu Nicolas Olivier Pascal"
        ),
        names_in(
            "Aubert Bonnet Carpentier Dufour Escoffier Fabre Garnier Huet Jacquemin Lacroix Mercier Noël Ollivier Pelletier"
            " Quentin Renaud Sauvage Tessier Vasseur Weiss"
        ),
    ),
    "ru": (
        names_in(
            "Алиса Варвара Вера Дарья Екатерина Жанна Зоя Ирина Ксения Любовь Марина Наталья Ольга Полина Татьяна Юлия"
        ),
        names_in(
            "Алексей Борис Виктор Григорий Дмитрий Егор Иван Кирилл Леонид Максим Николай Олег Павел Роман Сергей Фёдор"
        ),
        names_in(
            "Абрамов Белов Воробьёв Гончаров Дорофеев Ершов Журавлёв Зайцев Ильин Королёв Ларин Морозов Никитин Орехов"
            " Поляков Рогов Селезнёв Тарасов Уваров Фролов Щербаков Яковлев"
        ),
    ),
}

# Job titles: (women, men)
JOBS = {
    "en": (
        ["Buyer", "Facilities manager", "Project manager", "Architect", "Head of procurement", "Store planner", "Managing director", "Lighting designer", "Site engineer", "Head of estates"],
    ) * 2,
    "es": (
        ["Directora de compras", "Jefa de proyecto", "Arquitecta", "Responsable de mantenimiento", "Interiorista", "Gerente", "Ingeniera industrial", "Técnica de obras"],
        ["Director de compras", "Jefe de proyecto", "Arquitecto", "Responsable de mantenimiento", "Interiorista", "Gerente", "Ingeniero industrial", "Técnico de obras"],
    ),
    "fr": (
        ["Directrice des achats", "Cheffe de projet", "Architecte", "Responsable technique", "Gérante", "Ingénieure éclairage", "Assistante de direction", "Économiste"],
        ["Directeur des achats", "Chef de projet", "Architecte", "Responsable technique", "Gérant", "Ingénieur éclairage", "Conducteur de travaux", "Économiste"],
    ),
    "ru": (
        ["Начальник отдела закупок", "Главный архитектор", "Руководитель проекта", "Директор", "Главный инженер", "Дизайнер интерьеров", "Менеджер по снабжению", "Завхоз"],
    ) * 2,
}  # fmt: skip

# People without a company: first name, surname, F or M, city, country, language, salesperson
PRIVATE = (
    ("Margaret", "Ainsley", "F", "Bath", "GB", "en", "EB"),
    ("Ignacio", "Balboa", "M", "Madrid", "ES", "es", "AV"),
    ("Odile", "Fontenoy", "F", "Annecy", "FR", "fr", "CD"),
    ("Валентин", "Берсенев", "M", "Москва", "RU", "ru", "IO"),
    ("Saoirse", "Hanrahan", "F", "Galway", "IE", "en", ""),
    ("María de los Ángeles", "Fernández-Villaverde y Sanz", "F", "Toledo", "ES", "es", "LC"),
    ("Ng", "Y", "M", "London", "GB", "en", ""),
)

LATIN = (
    "а=a б=b в=v г=g д=d е=e ж=zh з=z и=i й=y к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=kh ц=ts ч=ch ш=sh щ=shch"
    " ъ= ы=y ь= э=e ю=yu я=ya"
)
TRANSLITERATION = str.maketrans(dict(pair.split("=") for pair in names_in(LATIN)))
