from .text import lines

PLACES = lines("""
le rez-de-chaussée
le premier étage
l’entrepôt
le quai 3
l’accueil
la cage d’escalier
le parking
la cuisine ouverte
la grande galerie
la salle de lecture
les salles de soins
la salle de dégustation
la terrasse
la salle du conseil
les vestiaires
la façade nord
le gymnase
la vitrine
le hall de conditionnement
la cave
""")

PRODUCTS = lines("""
Linéa 1200
suspensions Halo
encastrés Orba
dalles Tessera
projecteurs Faro
appliques Murmur
spots sur rail IRC 97
réglettes IP67
blocs de secours
drivers DALI-2
modules warm dim 2700 K
armatures Atlas 150 W
""")

TALK = {
    "OUTGOING": lines("""
Rappeler au sujet de l’éclairage : {place}
Les échantillons sont-ils arrivés ? {product}
Demandé le plan de plafond : {place}
Confirmé la livraison pour jeudi : {product}
Passé en revue l’étude photométrique : {place}
Expliqué la différence avec les luminaires actuels
Convenu d’une date pour le relevé : {place}
Relance de notre devis : {place}
Bilan après un mois : {product}
Demandé qui décide pour {place}
Prévenu d’une semaine de retard : {product}
Conditions de paiement de la deuxième tranche
Proposé l’échange de {n} drivers défectueux
Avis sur l’essai : {place}
Précisé la hauteur de pose : {place}
Je me présente comme nouvelle interlocutrice
Suite aux portes ouvertes
Négocié un prix pour {n} {product}
Demandé le dossier d’appel d’offres
Signalé l’arrêt de la version T5
"""),
    "FAILED": lines("""
Rappeler au sujet de {product}, pas de réponse
Essayé de joindre au sujet de {place}
Voulais confirmer le relevé : {place}
Deuxième essai : devis pour {place}
Relance des échantillons : {product}
Occupé, je réessaie
"""),
    "INCOME": lines("""
Demande des échantillons warm dim, 2700 K
Souhaite un second devis : {product}
Demande la date d’arrivée : {product}
Signale {n} luminaires qui clignotent : {place}
Confirme la visite de la salle d’exposition
Demande un prix pour {n} {product}
Fiches techniques pour le bureau d’études : {product}
Souhaite décaler la réunion d’une semaine
La direction a validé {place}
Se plaint du bruit des drivers : {place}
Gradation par coupure de phase possible ? {product}
Commande {n} {product} de plus
Question sur la facture et la remise
Demande nos horaires d’août
Veut connaître nos références en musée
Reprenons-nous les anciens luminaires ?
L’architecte préfère la finition laiton
Demande une date pour la formation à la gestion
"""),
    "EMAIL": lines("""
Réponse sur les luminaires IP67
Fiches techniques : {product}
Carnet de luminaires révisé, {place}
Fichiers photométriques : {product}
Compte rendu et prochaines étapes, {place}
Variante plus économique : {product}
Délais de livraison : {product}
Certificats CE et ENEC : {product}
Plan d’implantation, {place}
Conditions de garantie : {product}
Photos d’une réalisation
Lien vers l’outil de calcul
Réponse sur la gradation DALI
Liste des pièces de rechange : {product}
"""),
    "EMAIL_IN": lines("""
Envoie le plan : {place}
Demande les fichiers IES : {product}
Commande de {n} {product}
Question sur les courbes de gradation
Photos de l’installation : {place}
Demande une remise pour {n} {product}
Remercie pour l’échange rapide
Envoie le compte rendu de chantier
Demande le bilan CO2 : {product}
Souhaite deux factures au lieu d’une
Envoie les teintes souhaitées, {place}
Annule le rendez-vous de lundi
"""),
    "ONSITE": lines("""
Visite de chantier, {place}
Relevé sur place, {place}
Tour du site avec l’électricien, {place}
Essai de {product}, {place}
Réception et formation à la gestion, {place}
Contrôle de l’éblouissement, {place}
Dépannage : {n} luminaires, {place}
Mise en service DALI, {place}
Tour de la galerie
Réunion annuelle avec les achats
Réglage des projecteurs, {place}
Réception de la deuxième tranche, {place}
"""),
    "INHOUSE": lines("""
Présentation de la nouvelle gamme : {product}
Atelier de conception, {place}
Réunion de contrat
Séance d’échantillons : finitions et températures de couleur
Bilan de l’année
Formation à la gestion DALI
Réunion de concept, {place}
"""),
    "VISIT": lines("""
Visite de la salle, gammes Linéa et Halo
Visite de la salle avec l’architecte
Comparé 2700 K et 3000 K en salle d’essai
Visite de la salle : {product}
Éclairage de magasin, choix : {product}
Visite avec l’exploitation, éclairage de sécurité
"""),
    "BUS": lines("""
Lettre de présentation
Offre pour {place}
Réponse à la réclamation, {place}
Confirmation des conditions de l’année
Lettre sur la fin de la gamme fluorescente
Offre de maintenance sur trois ans, {place}
Remerciements après la réception, {place}
"""),
    "ABSTRACT": lines("""
Ce dont nous sommes convenus : {place}
Compte rendu de l’atelier de conception
Points ouverts après le relevé, {place}
Décisions : {product} et livraison
"""),
    "MEETINV": lines("""
Invitation à la réunion de chantier, {place}
Invitation à l’atelier de conception
Invitation à une visioconférence, {place}
"""),
    "COVERSH": lines("""
Échantillons : {product}
Catalogue et tarif
Contrat signé
Certificats d’essai : {product}
"""),
    "NOTE": lines("""
Budget validé seulement après l’été
Leur électricien est maintenant Courant & Cie
Préfère les appels avant dix heures
Nouveaux bureaux : livraisons par la cour
La concurrence est 6 % moins chère pour {place}
L’architecte quitte le projet à la fin du mois
Consultation en cours pour {n} {product}
Veut tout par écrit
Chantier arrêté deux semaines
Décision reportée au prochain conseil
Rénovation prévue l’an prochain : {place}
La comptabilité veut une facture par site
"""),
}

MAILSHOT, EVENT = "Tarif du trimestre", "Invitation aux portes ouvertes"

GOOD = lines("""
Ravis de la lumière, veulent la montrer au siège.
La commande part dès que le conseil s’est réuni.
Nous confie aussitôt un deuxième site.
Veut comparer avec la salle de Lyon avant le conseil du 4.
Préfère la finition laiton. Envoyer les échantillons 2700 K au bureau de Lyon.
Bon échange. Notre étude servira de base à l’appel d’offres.
Nous a recommandés à la boutique voisine.
Surpris du peu d’éblouissement des nouvelles optiques.
""")
PLAIN = lines("""
A besoin des données avant vendredi.
Le plan arrive par e-mail, à classer avec le projet.
Doit d’abord voir avec l’électricien.
Hauteur de pose 4,2 m et non 3,8 m.
Le décideur rentre de congés lundi.
Existant : 2 x 58 W T8, ballast conventionnel.
Envoyer aussi le devis à la comptabilité.
Facteurs de réflexion : 70 / 50 / 20.
Souhaite une variante avec détecteurs de présence.
Plafond classé, aucun perçage possible.
Livraison seulement entre sept et dix heures.
Demande le prix avec et sans pose.
""")
BAD = lines("""
Mécontent du retard, attend un avoir.
Deux luminaires bourdonnent. Troisième plainte du trimestre.
Nous dit 12 % au-dessus de la concurrence.
Trouve la teinte trop froide, veut tout en 3000 K.
Déçue que personne n’ait rappelé la semaine dernière.
Cette fois le marché va à un autre fournisseur.
""")
FAILED = lines("""
Message laissé sur le répondeur.
Message laissé. Son assistante dit qu’elle rentre jeudi.
Personne ne répond, le standard ferme à seize heures.
En réunion toute la journée, rappeler demain.
Mauvais poste, le nouveau n’est pas connu.
""")
CANCELED = lines("""
Enregistré par erreur
Doublon
Mauvais contact
N’a pas eu lieu
Mauvais contact : c’était la collègue des achats
N’a pas eu lieu, reporté à la semaine prochaine
""")
