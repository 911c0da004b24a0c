"""How knowledge from practice and experience came about: seven questions after TAPUPAS.

(Pawson, Boaz, Grayson, Long & Barnes 2003, Types and quality of knowledge in social care, SCIE.)
The answers are kept in `Item.how_known` by the questions' keys.
"""

HOW_KNOWN = {
    "oppenhet": ("Går det att se hur kunskapen kom till?", "Vem frågade, vilka, när och hur?"),
    "underlag": ("Bygger slutsatserna på det som samlades in?", "Vad talar för dem, vad emot?"),
    "syfte": ("Passar arbetssättet för frågan?", "Varför gjorde ni på det här sättet?"),
    "nytta": ("Går det att använda?", "För vem, och vad behövs för att komma igång?"),
    "etik": ("Gick det rätt till?", "Hur fick deltagarna veta och säga ja eller nej?"),
    "begriplighet": ("Förstår de som berörs?", "Finns det i en form som de kan läsa eller höra?"),
    "god-sed": ("Håller det måttet för kunskap av det slaget?", "Vad krävs av sådan kunskap?"),
}
