//! What is said in a mock interview, in every language of an agent.
//!
//! Questions address the candidate formally where the language does so in interviews, and no sentence gives away
//! whether its speaker or the one addressed is a woman or a man.

use crate::agent::{Focus, Language};

/// What is said in one language.
pub struct Phrases {
    /// The agent's first words.
    pub greeting: &'static str,
    /// What a GENERIC agent asks that was given no questions.
    pub generic: &'static str,
    /// The same of a SCREENING agent.
    pub screening: &'static str,
    /// The same of an OUTREACH agent.
    pub outreach: &'static str,
    /// The same of a LANGUAGE_TEST agent.
    pub language_test: &'static str,
    /// What a candidate says, whatever the question.
    pub answers: [&'static str; 3],
    /// The agent's last words.
    pub thanks: &'static str,
}

impl Phrases {
    /// What an agent of that focus asks if it was given no questions.
    pub fn opening(&self, focus: Focus) -> &'static str {
        match focus {
            Focus::Generic => self.generic,
            Focus::Screening => self.screening,
            Focus::Outreach => self.outreach,
            Focus::LanguageTest => self.language_test,
        }
    }

    /// The phrases of a language; English where none is defined.
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::En | Language::Undefined => &Self {
                greeting: "Hello, and thank you for joining this interview.",
                generic: "Please tell me a little about yourself.",
                screening: "Why are you interested in this position?",
                outreach: "What matters to you in a new position?",
                language_test: "Please tell me about your work and your free time.",
                answers: [
                    "I have worked in this field for several years and enjoy it.",
                    "I like learning new things and working with people.",
                    "I am looking for a position in which I can grow.",
                ],
                thanks: "Thank you for the conversation. Goodbye!",
            },
            Language::Ja => &Self {
                greeting: "こんにちは。面接にご参加いただき、ありがとうございます。",
                generic: "簡単に自己紹介をお願いします。",
                screening: "この職種に興味を持たれた理由を教えてください。",
                outreach: "新しい仕事で大切にしたいことは何ですか。",
                language_test: "お仕事と休日の過ごし方について話してください。",
                answers: [
                    "この分野で数年働いており、仕事を楽しんでいます。",
                    "新しいことを学び、人と一緒に働くのが好きです。",
                    "成長できる仕事を探しています。",
                ],
                thanks: "お話しいただき、ありがとうございました。",
            },
            Language::Zh => &Self {
                greeting: "您好，感谢您参加这次面试。",
                generic: "请简单介绍一下您自己。",
                screening: "您为什么对这个职位感兴趣？",
                outreach: "在新的工作中，您最看重什么？",
                language_test: "请谈谈您的工作和业余生活。",
                answers: [
                    "我在这个领域工作了好几年，也很喜欢这份工作。",
                    "我喜欢学习新事物，也喜欢与人合作。",
                    "我在寻找一份能让我成长的工作。",
                ],
                thanks: "感谢您的交流，再见！",
            },
            Language::De => &Self {
                greeting: "Guten Tag und danke, dass Sie sich Zeit nehmen.",
                generic: "Erzählen Sie mir bitte etwas über sich.",
                screening: "Warum interessieren Sie sich für diese Stelle?",
                outreach: "Was ist Ihnen bei einer neuen Stelle wichtig?",
                language_test: "Erzählen Sie mir bitte von Ihrer Arbeit und Ihrer Freizeit.",
                answers: [
                    "Ich arbeite seit mehreren Jahren in diesem Bereich, und es macht mir Freude.",
                    "Ich lerne gern Neues und arbeite gern mit Menschen.",
                    "Ich suche eine Stelle, in der ich mich weiterentwickeln kann.",
                ],
                thanks: "Vielen Dank für das Gespräch und alles Gute!",
            },
            Language::Hi => &Self {
                greeting: "नमस्ते, इस साक्षात्कार में आपका स्वागत है।",
                generic: "कृपया अपने बारे में कुछ बताइए।",
                screening: "आपको इस नौकरी में रुचि क्यों है?",
                outreach: "नई नौकरी में आपके लिए क्या महत्वपूर्ण है?",
                language_test: "कृपया अपने काम और खाली समय के बारे में बताइए।",
                answers: [
                    "मुझे इस क्षेत्र में कई वर्षों का अनुभव है और यह काम पसंद है।",
                    "मुझे नई चीज़ें सीखना और लोगों के साथ काम करना पसंद है।",
                    "मुझे ऐसी नौकरी चाहिए जिसमें मैं आगे बढ़ सकूँ।",
                ],
                thanks: "बातचीत के लिए धन्यवाद। नमस्ते!",
            },
            Language::Fr => &Self {
                greeting: "Bonjour et merci de participer à cet entretien.",
                generic: "Présentez-vous en quelques mots, s'il vous plaît.",
                screening: "Pourquoi ce poste vous intéresse-t-il ?",
                outreach: "Qu'est-ce qui compte pour vous dans un nouveau poste ?",
                language_test: "Parlez-moi de votre travail et de vos loisirs.",
                answers: [
                    "Je travaille dans ce domaine depuis plusieurs années et cela me plaît.",
                    "J'aime apprendre et travailler avec les autres.",
                    "Je cherche un poste qui me permette d'évoluer.",
                ],
                thanks: "Merci pour cet échange et au revoir !",
            },
            Language::Ko => &Self {
                greeting: "안녕하세요. 면접에 참여해 주셔서 감사합니다.",
                generic: "간단히 자기소개를 부탁드립니다.",
                screening: "이 직무에 관심을 가지신 이유는 무엇인가요?",
                outreach: "새 직장에서 무엇을 중요하게 생각하시나요?",
                language_test: "하시는 일과 여가 시간에 대해 말씀해 주세요.",
                answers: [
                    "이 분야에서 몇 년간 일해 왔고 일이 즐겁습니다.",
                    "새로운 것을 배우고 사람들과 함께 일하는 것을 좋아합니다.",
                    "성장할 수 있는 일자리를 찾고 있습니다.",
                ],
                thanks: "말씀해 주셔서 감사합니다. 안녕히 계세요.",
            },
            Language::Pt => &Self {
                greeting: "Olá, agradeço a sua participação nesta entrevista.",
                generic: "Gostaria de ouvir uma breve apresentação sua.",
                screening: "Por que razão tem interesse nesta vaga?",
                outreach: "O que considera importante num novo emprego?",
                language_test: "Conte um pouco sobre o seu trabalho e o seu tempo livre.",
                answers: [
                    "Trabalho nesta área há vários anos e gosto do que faço.",
                    "Gosto de aprender coisas novas e de trabalhar com pessoas.",
                    "Procuro um emprego em que possa crescer.",
                ],
                thanks: "Agradeço a conversa. Até logo!",
            },
            Language::It => &Self {
                greeting: "Buongiorno e grazie per la Sua disponibilità.",
                generic: "Mi parli un po' di Lei, per favore.",
                screening: "Perché Le interessa questa posizione?",
                outreach: "Che cosa conta per Lei in un nuovo lavoro?",
                language_test: "Mi parli del Suo lavoro e del Suo tempo libero.",
                answers: [
                    "Lavoro in questo settore da diversi anni e mi piace.",
                    "Mi piace imparare cose nuove e lavorare con gli altri.",
                    "Cerco un lavoro che mi permetta di crescere.",
                ],
                thanks: "Grazie per il colloquio e arrivederci!",
            },
            Language::Es => &Self {
                greeting: "Hola, gracias por participar en esta entrevista.",
                generic: "Por favor, hábleme un poco de usted.",
                screening: "¿Por qué le interesa este puesto?",
                outreach: "¿Qué es importante para usted en un nuevo trabajo?",
                language_test: "Hábleme de su trabajo y de su tiempo libre.",
                answers: [
                    "Trabajo en este sector desde hace varios años y me gusta.",
                    "Me gusta aprender cosas nuevas y trabajar con otras personas.",
                    "Busco un puesto en el que pueda crecer.",
                ],
                thanks: "Gracias por la conversación. ¡Hasta pronto!",
            },
            Language::Id => &Self {
                greeting: "Halo, terima kasih telah mengikuti wawancara ini.",
                generic: "Silakan ceritakan sedikit tentang diri Anda.",
                screening: "Mengapa Anda tertarik pada posisi ini?",
                outreach: "Apa yang penting bagi Anda dalam pekerjaan baru?",
                language_test: "Silakan ceritakan tentang pekerjaan dan waktu luang Anda.",
                answers: [
                    "Saya sudah beberapa tahun bekerja di bidang ini dan menikmatinya.",
                    "Saya suka belajar hal baru dan bekerja sama dengan orang lain.",
                    "Saya mencari pekerjaan tempat saya bisa berkembang.",
                ],
                thanks: "Terima kasih atas percakapannya. Sampai jumpa!",
            },
            Language::Nl => &Self {
                greeting: "Goedendag en bedankt dat u meedoet aan dit gesprek.",
                generic: "Kunt u iets over uzelf vertellen?",
                screening: "Waarom bent u geïnteresseerd in deze functie?",
                outreach: "Wat vindt u belangrijk in een nieuwe baan?",
                language_test: "Kunt u iets over uw werk en uw vrije tijd vertellen?",
                answers: [
                    "Ik werk al enkele jaren in dit vakgebied en doe dat graag.",
                    "Ik leer graag nieuwe dingen en werk graag met mensen.",
                    "Ik zoek een baan waarin ik kan groeien.",
                ],
                thanks: "Bedankt voor het gesprek en tot ziens!",
            },
            Language::Tr => &Self {
                greeting: "Merhaba, bu görüşmeye katıldığınız için teşekkür ederim.",
                generic: "Bana biraz kendinizden bahseder misiniz?",
                screening: "Bu pozisyonla neden ilgileniyorsunuz?",
                outreach: "Yeni bir işte sizin için önemli olan nedir?",
                language_test: "İşinizden ve boş zamanlarınızdan bahseder misiniz?",
                answers: [
                    "Birkaç yıldır bu alanda çalışıyorum ve işimi seviyorum.",
                    "Yeni şeyler öğrenmeyi ve insanlarla çalışmayı seviyorum.",
                    "Kendimi geliştirebileceğim bir iş arıyorum.",
                ],
                thanks: "Görüşme için teşekkür ederim. Hoşça kalın!",
            },
            Language::Fil => &Self {
                greeting: "Magandang araw po, at salamat sa pagsali sa panayam na ito.",
                generic: "Maaari po ba kayong magkuwento tungkol sa inyong sarili?",
                screening: "Bakit po kayo interesado sa posisyong ito?",
                outreach: "Ano po ang mahalaga sa inyo sa bagong trabaho?",
                language_test: "Magkuwento po kayo tungkol sa inyong trabaho at libreng oras.",
                answers: [
                    "Ilang taon na po akong nagtatrabaho sa larangang ito at gusto ko ito.",
                    "Gusto ko pong matuto ng mga bagong bagay at makipagtulungan sa iba.",
                    "Naghahanap po ako ng trabaho kung saan ako maaaring umunlad.",
                ],
                thanks: "Salamat po sa pag-uusap. Paalam po!",
            },
            Language::Pl => &Self {
                greeting: "Dzień dobry, dziękuję za udział w rozmowie.",
                generic: "Proszę opowiedzieć coś o sobie.",
                screening: "Skąd zainteresowanie tym stanowiskiem?",
                outreach: "Co jest najważniejsze w nowej pracy?",
                language_test: "Proszę opowiedzieć o swojej pracy i czasie wolnym.",
                answers: [
                    "Od kilku lat pracuję w tej branży i lubię swoją pracę.",
                    "Lubię uczyć się nowych rzeczy i pracować z ludźmi.",
                    "Szukam pracy, w której mogę się rozwijać.",
                ],
                thanks: "Dziękuję za rozmowę. Do widzenia!",
            },
            Language::Sv => &Self {
                greeting: "Hej och tack för att du deltar i intervjun.",
                generic: "Berätta gärna lite om dig själv.",
                screening: "Varför är du intresserad av den här tjänsten?",
                outreach: "Vad är viktigt för dig i ett nytt jobb?",
                language_test: "Berätta gärna om ditt arbete och din fritid.",
                answers: [
                    "Jag har arbetat inom området i flera år och trivs med det.",
                    "Jag tycker om att lära mig nya saker och arbeta med andra.",
                    "Jag söker ett jobb där jag kan utvecklas.",
                ],
                thanks: "Tack för samtalet och hej då!",
            },
            Language::Bg => &Self {
                greeting: "Здравейте и благодаря, че участвате в интервюто.",
                generic: "Моля, разкажете ми малко за себе си.",
                screening: "Защо проявявате интерес към тази позиция?",
                outreach: "Какво е важно за Вас в една нова работа?",
                language_test: "Моля, разкажете ми за работата и свободното си време.",
                answers: [
                    "Работя в тази област от няколко години и ми харесва.",
                    "Обичам да уча нови неща и да работя с хора.",
                    "Търся работа, в която мога да се развивам.",
                ],
                thanks: "Благодаря за разговора. Довиждане!",
            },
            Language::Ro => &Self {
                greeting: "Bună ziua și vă mulțumesc că participați la interviu.",
                generic: "Vă rog să-mi spuneți câteva cuvinte despre dumneavoastră.",
                screening: "De ce vă interesează acest post?",
                outreach: "Ce este important pentru dumneavoastră la un nou loc de muncă?",
                language_test: "Vă rog să-mi vorbiți despre munca și timpul dumneavoastră liber.",
                answers: [
                    "Lucrez de câțiva ani în acest domeniu și îmi place.",
                    "Îmi place să învăț lucruri noi și să lucrez cu oamenii.",
                    "Caut un loc de muncă în care să mă pot dezvolta.",
                ],
                thanks: "Vă mulțumesc pentru discuție. La revedere!",
            },
            Language::Ar => &Self {
                greeting: "مرحبًا، وشكرًا لمشاركتكم في هذه المقابلة.",
                generic: "أخبروني من فضلكم قليلًا عن أنفسكم.",
                screening: "لماذا تهتمون بهذه الوظيفة؟",
                outreach: "ما الذي يهمكم في وظيفة جديدة؟",
                language_test: "حدثوني من فضلكم عن عملكم ووقت فراغكم.",
                answers: [
                    "أعمل في هذا المجال منذ عدة سنوات وأستمتع بعملي.",
                    "أحب تعلم أشياء جديدة والعمل مع الآخرين.",
                    "أبحث عن وظيفة أستطيع أن أتطور فيها.",
                ],
                thanks: "شكرًا لكم على هذه المحادثة، وإلى اللقاء.",
            },
            Language::Cs => &Self {
                greeting: "Dobrý den a děkuji za váš čas.",
                generic: "Řekněte mi prosím něco o sobě.",
                screening: "Proč vás zajímá tato pozice?",
                outreach: "Co je pro vás v nové práci důležité?",
                language_test: "Povězte mi prosím něco o své práci a volném čase.",
                answers: [
                    "V tomto oboru pracuji několik let a baví mě to.",
                    "Baví mě učit se nové věci a pracovat s lidmi.",
                    "Hledám práci, ve které se mohu rozvíjet.",
                ],
                thanks: "Děkuji za rozhovor. Na shledanou!",
            },
            Language::El => &Self {
                greeting: "Γεια σας και ευχαριστώ που συμμετέχετε στη συνέντευξη.",
                generic: "Πείτε μου, παρακαλώ, λίγα λόγια για εσάς.",
                screening: "Γιατί σας ενδιαφέρει αυτή η θέση;",
                outreach: "Τι είναι σημαντικό για εσάς σε μια νέα δουλειά;",
                language_test: "Μιλήστε μου, παρακαλώ, για τη δουλειά και τον ελεύθερο χρόνο σας.",
                answers: [
                    "Εργάζομαι αρκετά χρόνια σε αυτόν τον τομέα και μου αρέσει.",
                    "Μου αρέσει να μαθαίνω νέα πράγματα και να δουλεύω με ανθρώπους.",
                    "Ψάχνω μια δουλειά στην οποία να μπορώ να εξελιχθώ.",
                ],
                thanks: "Ευχαριστώ για τη συζήτηση. Γεια σας!",
            },
            Language::Fi => &Self {
                greeting: "Hei ja kiitos, että osallistutte haastatteluun.",
                generic: "Kertokaa hieman itsestänne.",
                screening: "Miksi tämä tehtävä kiinnostaa teitä?",
                outreach: "Mikä on teille tärkeää uudessa työssä?",
                language_test: "Kertokaa työstänne ja vapaa-ajastanne.",
                answers: [
                    "Olen työskennellyt tällä alalla useita vuosia ja pidän siitä.",
                    "Opin mielelläni uutta ja työskentelen mielelläni ihmisten kanssa.",
                    "Etsin työtä, jossa voin kehittyä.",
                ],
                thanks: "Kiitos keskustelusta ja näkemiin!",
            },
            Language::Hr => &Self {
                greeting: "Dobar dan i hvala što sudjelujete u razgovoru.",
                generic: "Recite mi, molim vas, nešto o sebi.",
                screening: "Zašto vas zanima ovo radno mjesto?",
                outreach: "Što vam je važno na novom poslu?",
                language_test: "Recite mi, molim vas, nešto o svom poslu i slobodnom vremenu.",
                answers: [
                    "Radim u ovom području već nekoliko godina i to me veseli.",
                    "Volim učiti nove stvari i raditi s ljudima.",
                    "Tražim posao na kojem mogu napredovati.",
                ],
                thanks: "Hvala na razgovoru. Doviđenja!",
            },
            Language::Ms => &Self {
                greeting: "Helo, terima kasih kerana menyertai temu duga ini.",
                generic: "Sila ceritakan sedikit tentang diri anda.",
                screening: "Mengapakah anda berminat dengan jawatan ini?",
                outreach: "Apakah yang penting bagi anda dalam pekerjaan baharu?",
                language_test: "Sila ceritakan tentang kerja dan masa lapang anda.",
                answers: [
                    "Saya sudah beberapa tahun bekerja dalam bidang ini dan menyukainya.",
                    "Saya suka belajar perkara baharu dan bekerja dengan orang lain.",
                    "Saya mencari pekerjaan yang membolehkan saya berkembang.",
                ],
                thanks: "Terima kasih atas perbualan ini. Jumpa lagi!",
            },
            Language::Sk => &Self {
                greeting: "Dobrý deň a ďakujem za váš čas.",
                generic: "Povedzte mi, prosím, niečo o sebe.",
                screening: "Prečo vás zaujíma táto pozícia?",
                outreach: "Čo je pre vás v novej práci dôležité?",
                language_test: "Povedzte mi, prosím, niečo o svojej práci a voľnom čase.",
                answers: [
                    "V tejto oblasti pracujem niekoľko rokov a baví ma to.",
                    "Baví ma učiť sa nové veci a pracovať s ľuďmi.",
                    "Hľadám prácu, v ktorej sa môžem rozvíjať.",
                ],
                thanks: "Ďakujem za rozhovor. Dovidenia!",
            },
            Language::Da => &Self {
                greeting: "Hej, og tak, fordi du deltager i samtalen.",
                generic: "Fortæl mig gerne lidt om dig selv.",
                screening: "Hvorfor er du interesseret i denne stilling?",
                outreach: "Hvad er vigtigt for dig i et nyt job?",
                language_test: "Fortæl mig gerne om dit arbejde og din fritid.",
                answers: [
                    "Jeg har arbejdet inden for området i flere år og er glad for det.",
                    "Jeg kan lide at lære nyt og arbejde sammen med andre.",
                    "Jeg søger et job, hvor jeg kan udvikle mig.",
                ],
                thanks: "Tak for samtalen og farvel!",
            },
            Language::Ta => &Self {
                greeting: "வணக்கம், இந்த நேர்காணலில் பங்கேற்பதற்கு நன்றி.",
                generic: "உங்களைப் பற்றிச் சற்றுக் கூறுங்கள்.",
                screening: "இந்தப் பணியில் உங்களுக்கு ஏன் ஆர்வம்?",
                outreach: "புதிய வேலையில் உங்களுக்கு முக்கியமானது எது?",
                language_test: "உங்கள் வேலை மற்றும் ஓய்வு நேரத்தைப் பற்றிக் கூறுங்கள்.",
                answers: [
                    "நான் இந்தத் துறையில் பல ஆண்டுகளாகப் பணிபுரிகிறேன், இது எனக்குப் பிடிக்கும்.",
                    "புதியவற்றைக் கற்பதும் மக்களுடன் பணிபுரிவதும் எனக்குப் பிடிக்கும்.",
                    "நான் வளரக்கூடிய ஒரு வேலையைத் தேடுகிறேன்.",
                ],
                thanks: "உரையாடலுக்கு நன்றி. வணக்கம்!",
            },
            Language::Uk => &Self {
                greeting: "Добрий день і дякую за участь у співбесіді.",
                generic: "Розкажіть, будь ласка, трохи про себе.",
                screening: "Чому вас цікавить ця посада?",
                outreach: "Що для вас важливо в новій роботі?",
                language_test: "Розкажіть, будь ласка, про свою роботу та вільний час.",
                answers: [
                    "Я працюю в цій сфері кілька років, і мені це подобається.",
                    "Мені подобається вчитися нового та працювати з людьми.",
                    "Я шукаю роботу, де зможу розвиватися.",
                ],
                thanks: "Дякую за розмову. До побачення!",
            },
            Language::Ru => &Self {
                greeting: "Здравствуйте, спасибо за участие в собеседовании.",
                generic: "Расскажите, пожалуйста, немного о себе.",
                screening: "Почему вас интересует эта должность?",
                outreach: "Что для вас важно в новой работе?",
                language_test: "Расскажите, пожалуйста, о своей работе и свободном времени.",
                answers: [
                    "Я работаю в этой сфере несколько лет, и мне это нравится.",
                    "Мне нравится узнавать новое и работать с людьми.",
                    "Я ищу работу, где смогу развиваться.",
                ],
                thanks: "Спасибо за беседу. До свидания!",
            },
            Language::Hu => &Self {
                greeting: "Jó napot kívánok, köszönöm, hogy részt vesz az interjún.",
                generic: "Kérem, meséljen egy kicsit magáról.",
                screening: "Miért érdekli ez az állás?",
                outreach: "Mi fontos Önnek egy új munkahelyen?",
                language_test: "Kérem, meséljen a munkájáról és a szabadidejéről.",
                answers: [
                    "Több éve dolgozom ezen a területen, és szeretem.",
                    "Szeretek új dolgokat tanulni és emberekkel dolgozni.",
                    "Olyan állást keresek, ahol fejlődhetek.",
                ],
                thanks: "Köszönöm a beszélgetést. Viszontlátásra!",
            },
            Language::No => &Self {
                greeting: "Hei, og takk for at du deltar i intervjuet.",
                generic: "Fortell gjerne litt om deg selv.",
                screening: "Hvorfor er du interessert i denne stillingen?",
                outreach: "Hva er viktig for deg i en ny jobb?",
                language_test: "Fortell gjerne om arbeidet og fritiden din.",
                answers: [
                    "Jeg har jobbet innen dette feltet i flere år og trives med det.",
                    "Jeg liker å lære nye ting og jobbe sammen med andre.",
                    "Jeg ser etter en jobb der jeg kan utvikle meg.",
                ],
                thanks: "Takk for samtalen og ha det bra!",
            },
            Language::Vi => &Self {
                greeting: "Xin chào, cảm ơn bạn đã tham gia buổi phỏng vấn này.",
                generic: "Bạn hãy giới thiệu đôi nét về bản thân.",
                screening: "Vì sao bạn quan tâm đến vị trí này?",
                outreach: "Điều gì quan trọng với bạn ở một công việc mới?",
                language_test: "Bạn hãy kể về công việc và thời gian rảnh của mình.",
                answers: [
                    "Tôi đã làm việc trong lĩnh vực này nhiều năm và rất thích.",
                    "Tôi thích học hỏi điều mới và làm việc với mọi người.",
                    "Tôi đang tìm một công việc giúp tôi phát triển.",
                ],
                thanks: "Cảm ơn bạn đã trò chuyện. Tạm biệt!",
            },
        }
    }
}
