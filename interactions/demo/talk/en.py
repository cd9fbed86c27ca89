from .text import lines

PLACES = lines("""
the first floor
the ground floor
the warehouse
dock 3
the reception
the stairwell
the car park
the show kitchen
the long gallery
the reading room
the treatment rooms
the tasting room
the terrace
the boardroom
the changing rooms
the north façade
the sports hall
the shop window
the packing hall
the wine cellar
""")

PRODUCTS = lines("""
Linéa 1200
Halo pendants
Orba downlights
Tessera panels
Faro floodlights
Murmur wall lights
track spotlights 97 CRI
IP67 linear fittings
emergency luminaires
DALI-2 drivers
warm-dim modules 2700 K
high-bay Atlas 150 W
""")

TALK = {
    "OUTGOING": lines("""
Call back about lighting of {place}
Asked whether the samples of {product} arrived
Asked for the ceiling plan of {place}
Confirmed delivery of {product} for Thursday
Talked through the lux calculation for {place}
Explained the difference between {product} and the old fittings
Agreed on a date for the site survey, {place}
Reminded them of our quote for {place}
Checked how the {product} behave after the first month
Asked who decides on {place}
Told them that {product} come a week later
Discussed payment terms for the second phase
Offered a replacement for {n} faulty drivers
Asked for feedback on the mock-up in {place}
Cleared up the mounting height in {place}
Introduced myself as the new contact
Followed up on the open days
Negotiated a volume price for {n} {product}
Asked for tender documents
Warned them about the discontinued T5 version
"""),
    "FAILED": lines("""
Call back about {product}, no answer
Tried to reach them about {place}
Wanted to confirm the survey of {place}
Second attempt: quote for {place}
Reminder about the samples of {product}
Number engaged, will try again
"""),
    "INCOME": lines("""
Asked for warm-dim samples, 2700 K
Wants a second quote with {product}
Asked when the {product} will arrive
Reported {n} flickering luminaires in {place}
Confirmed the visit to our showroom
Asked for a price for {n} {product}
Needs the data sheets of {product} for the planner
Wants to move the meeting by a week
Said that the board approved {place}
Complained about noise from the drivers in {place}
Asked whether {product} may be dimmed by phase
Ordered {n} more {product}
Has a question about invoice and discount
Asked for our opening hours in August
Wants to hear about references in museums
Asked if we also take back the old fittings
Said that the architect prefers brass
Asked for a date for the training on controls
"""),
    "EMAIL": lines("""
Answer on IP67 fittings
Data sheets of {product}
Revised fixture schedule, {place}
Photometric files for {product}
Minutes and next steps, {place}
Alternative with {product} at a lower price
Delivery times of {product}
Proof of CE and ENEC marks for {product}
Drawing with mounting positions, {place}
Warranty terms for {product}
Photos of a reference project
Link to the planning tool
Answer on dimming {product} with DALI
Spare parts list for {product}
"""),
    "EMAIL_IN": lines("""
Sent the floor plan of {place}
Asked for IES files of {product}
Purchase order for {n} {product}
Question about dimming curves of {product}
Photos of the installation in {place}
Asks for a discount on {n} {product}
Thanks for the quick replacement
Sent the minutes of the site meeting
Asks for the CO2 figures of {product}
Wants the invoice split in two
Sent colour wishes for {place}
Cancels the appointment of Monday
"""),
    "ONSITE": lines("""
Site survey, {place}
On-site measurement, {place}
Walk-through with the electrician, {place}
Mock-up of {product} in {place}
Handover of {place} and training on controls
Glare check in {place} with the planner
Fault finding: {n} luminaires in {place}
Start-up of the DALI installation, {place}
Gallery walk-through
Annual meeting with the purchasing team
Aiming of spotlights in {place}
Acceptance of phase two, {place}
"""),
    "INHOUSE": lines("""
Presentation of the new range {product}
Planning workshop, {place}
Contract meeting
Sample session: finishes and colour temperatures
Review of the past year
Training on DALI controls
Concept meeting for {place}
"""),
    "VISIT": lines("""
Showroom visit, ranges Linéa and Halo
Showroom visit with the architect
Compared 2700 K and 3000 K in the test room
Showroom visit, {product}
Looked at retail lighting, chose {product}
Visit with the operations team, emergency lighting
"""),
    "BUS": lines("""
Introduction letter
Offer for {place}
Answer to the complaint about {place}
Confirmation of the terms for this year
Letter on the end of the fluorescent range
Offer: maintenance of {place} for three years
Thank-you letter after the handover of {place}
"""),
    "ABSTRACT": lines("""
What we agreed about {place}
Abstract of the planning workshop
Points open after the survey of {place}
Decisions on {product} and delivery
"""),
    "MEETINV": lines("""
Invitation to the site meeting, {place}
Invitation to the planning workshop
Invitation to a video call about {place}
"""),
    "COVERSH": lines("""
Samples of {product}
Catalogue and price list
Signed contract
Test certificates of {product}
"""),
    "NOTE": lines("""
Budget is approved only after the summer
Their electrician is now Brightwell & Sons
Prefers calls before ten
New office: deliveries to the back gate
Competitor has offered 6 % less for {place}
Architect leaves the project at the end of the month
They collect quotes for {n} {product}
Wants everything in writing
Site closed for two weeks
Decision moved to the next board meeting
Refurbishing {place} next year, keep in touch
Accounts want one invoice per site
"""),
}

MAILSHOT, EVENT = "Price list of the quarter", "Invitation to the open days"

GOOD = lines("""
Very happy with the light, wants to show it to the head office.
Will place the order as soon as the board has met.
Asked for a second site straight away.
Wants to compare with the Lyon showroom before the board meets.
Prefers the brass finish. Send the 2700 K samples.
Good talk. They take our calculation as the basis for the tender.
Recommended us to the neighbouring shop.
Was surprised how little glare the new optics have.
They will take part in the open days with four people.
""")
PLAIN = lines("""
Needs the data by the end of the week.
Plan comes by e-mail, please file it with the project.
Has to ask the electrician first.
Mounting height is 4.2 m, not 3.8 m.
Decision maker is back from holiday on Monday.
Old fittings: 2 x 58 W T8, conventional ballast.
Please send the quote to accounts as well.
Reflectances: 70 / 50 / 20.
Wants a version with presence detectors.
The ceiling is listed, no drilling allowed.
Delivery only between seven and ten in the morning.
Asked for the price with and without installation.
""")
BAD = lines("""
Annoyed about the late delivery, expects a credit note.
Two luminaires buzz. Third complaint this quarter.
Says that our price is 12 % above the competition.
Found the colour too cold, wants everything in 3000 K.
Is disappointed that nobody called back last week.
The contract goes to another supplier this time.
""")
FAILED = lines("""
Voicemail left.
Voicemail left. Assistant says she is back on Thursday.
Nobody answers, the switchboard closes at four.
In a meeting all day, asked me to try tomorrow.
Wrong extension, the new one is not known.
""")
CANCELED = lines("""
Logged by mistake
Duplicate
Wrong contact
Did not take place
Wrong contact: it was the colleague from purchasing
Duplicate of the call an hour earlier
Did not take place, moved to next week
Other: template was wrong, logged again as a visit
""")
